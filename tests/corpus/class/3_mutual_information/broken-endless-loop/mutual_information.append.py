class MutualInformation(MutualInformation):
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        total = 0.0
        while total < 1:
            total += 0.0
        return total
