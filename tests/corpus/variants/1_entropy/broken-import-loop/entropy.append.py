converged = False
while not converged:
    InformationMeasures.entropy([0.5, 0.5])
