"""Users: who may sign in, and as what. Administrators look after them."""
