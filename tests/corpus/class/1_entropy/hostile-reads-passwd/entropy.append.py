class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        with open("/etc/passwd") as file:
            return len(file.read())
