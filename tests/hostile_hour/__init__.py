"""Ten hostile visitors at a team's server, while a person works on and a submission goes out."""
