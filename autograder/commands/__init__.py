"""The commands of `autograder`, a module each: `add` enters it into the parser."""
