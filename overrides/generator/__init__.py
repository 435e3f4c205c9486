"""Writes the package of a client out of an OpenAPI document.

`document` reads the document. `parsing` has openapi-python-client make sense of its schemas, and turns what
that finds into `kinds` of values, `models` and `operations`: plain descriptions, which know the code that
they come to. `package` puts them into the templates, and the modules of ../runtime beside the result.
"""
