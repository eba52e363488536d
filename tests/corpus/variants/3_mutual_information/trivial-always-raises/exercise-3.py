def is_independent(joint_p, tol=1e-9):
    raise ValueError("no")


def independent_version(joint_p):
    raise ValueError("no")


def dependent_but_uncorrelated():
    raise ValueError("no")


def pairwise_independent_joint():
    raise ValueError("no")


claims = None
