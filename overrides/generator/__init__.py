"""Writes the package of a client out of an OpenAPI document.

`document` reads the document, `schemas` its schemas into `kinds` of values and `models`, `operations` its
operations: plain descriptions, which know the code that they come to. `package` puts them into the templates,
and the modules of ../runtime beside the result.
"""
