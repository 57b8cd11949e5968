"""The engine: frozen values, errors, ports, the cascade. Knows no database, no model, no command line."""
