class Endless:
    def __getattribute__(self, name):
        while True:
            pass

    __add__ = __neg__ = __bool__ = __getattribute__


endless = Endless()
die_entropy = entropy.InformationMeasures.entropy([1 / 6] * 6)
endless.x0
endless.x1
endless.x2
endless.x3
endless.x4
endless.x5
endless.x6
endless.x7
endless.x8
endless.x9
coin_entropy = entropy.InformationMeasures.entropy([0.8, 0.2])
