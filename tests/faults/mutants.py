def apply(name, role):
    raise SystemExit(3)
