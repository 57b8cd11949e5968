"""Finding elements for tier 2: the cache and the extractor."""
