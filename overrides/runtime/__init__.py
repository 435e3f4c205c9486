"""The part of a client that is the same for every document; `make generate` copies it, save this file.

What varies, these modules import from the generated `_contract`, whose form `_contract.pyi` describes.
"""
