"""Who answers: the embedded ranker, model providers, and the one door to Stagehand."""
