raise SystemExit('this must not be imported')
