"""What the tiers and strategies brought, and what runs cost."""
