"""What authors of suites import: comparing answers, wrong rules, and misconceptions."""
