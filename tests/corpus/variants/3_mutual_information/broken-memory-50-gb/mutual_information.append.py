class MutualInformation(MutualInformation):
    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        table = np.ones(50 * 2**30 // 8)
        return float(table.sum())
