public import ArgumentParser
public import RateReference

extension RateRule: ExpressibleByArgument {}
