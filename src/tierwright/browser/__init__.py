"""Finding, launching, pooling and ending browsers; traces."""
