class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        return 0

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        return [], [0.0] * len(X[0])
