"""scikit-learn estimators over vectors and texts. Knows no documents."""
