public import ArgumentParser
public import OnlineRules
public import RateReference

extension OnlineRule: ExpressibleByArgument {}
extension RateTrainingRun.Updates: ExpressibleByArgument {}
