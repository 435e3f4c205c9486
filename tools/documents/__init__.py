"""How the generator does on documents that nobody here wrote, beside openapi-python-client as it comes."""
