def test_entropy():
    assert True
