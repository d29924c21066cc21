/// `eprop_fixed.h`, byte for byte as it was tested: shipped beside every generated network.
public let fixedHeader = String(decoding: PackageResources.eprop_fixed_h, as: UTF8.self)

/// `eprop_armv7em.h`: shipped beside networks whose kernels use the instructions of Armv7E-M.
public let armv7emHeader = String(decoding: PackageResources.eprop_armv7em_h, as: UTF8.self)
