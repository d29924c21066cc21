print("epropc")
