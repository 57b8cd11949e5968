"""The API's reference at `/docs`: one page made here from the OpenAPI, which loads nothing from anywhere."""
