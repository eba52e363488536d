raise SystemExit('the original must be taken')
