"""What every test of this checkout has, however pytest was called."""

pytest_plugins = ["tests.watchdog"]  # a test that hangs ends
