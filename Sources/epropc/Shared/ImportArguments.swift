public import ArgumentParser
public import NIR

extension ImportOptions.Exporter: ExpressibleByArgument {}
extension ImportOptions.Discretisation: ExpressibleByArgument {}
