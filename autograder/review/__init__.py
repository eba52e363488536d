"""A person decides: explanations that wait for points, one after another."""
