import pyro
