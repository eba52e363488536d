"""The figures of section 4. Each function draws one figure with the numbers that your own functions return."""
