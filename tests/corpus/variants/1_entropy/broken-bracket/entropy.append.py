print("checked", InformationMeasures.entropy([0.5, 0.5]
