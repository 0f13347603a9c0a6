"""A web that means harm: one outlet a case, with ten well-behaved articles beside whatever it does wrong."""
