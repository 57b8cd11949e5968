"""The platform over HTTP. One folder a thing, always `endpoints`, `service`, `schemas`."""
