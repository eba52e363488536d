import os


class InformationMeasures:
    @staticmethod
    def entropy(*args, **kwargs):
        os._exit(0)

    @staticmethod
    def joint_entropy(*args, **kwargs):
        os._exit(1)

    @staticmethod
    def conditional_entropy(*args, **kwargs):
        os.abort()
