"""`python -m tierwright` is the `tierwright` command."""

from tierwright.cli.main import main

if __name__ == "__main__":
    main(prog_name="tierwright")
