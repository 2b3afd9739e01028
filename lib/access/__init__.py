"""Who is here, in which role, whose a thing is, where numbers may go, and with which token."""
