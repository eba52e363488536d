die_entropy = entropy.InformationMeasures.entropy([1 / 6] * 6)
raise KeyError("the rest is not solved")
