/// `eprop_fixed.h`, byte for byte as it was tested: shipped beside every generated network.
public let fixedHeader = String(decoding: PackageResources.eprop_fixed_h, as: UTF8.self)
