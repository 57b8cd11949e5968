"""What keeps strangers out: password hashes, limits of the login, sealed secrets, headers, the size of bodies."""
