// swift-tools-version: 6.3
import PackageDescription

/// Every Swift module is compiled with these settings. Together with
/// `--explicit-target-dependency-import-check error` (see the Makefile) they make the module graph of the README a
/// property of the build rather than a promise.
let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// C that we ship or generate: a slip of the emitter is a compile error in the ordinary build.
let strictC: [CSetting] = [
  .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"), .enableWarning("sign-conversion"),
  .enableWarning("shadow"), .enableWarning("strict-prototypes"), .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: documents[name] ?? [], resources: resources, swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: swift)
}

/// Normative documents stand beside the code that they govern.
let documents: [String: [String]] = [
  "FixedPoint": ["Arithmetic.md"],
  "Descriptions": ["Format.md"],
  "Planning": ["Semantics.md"],
  "IntegerModel": ["Image.md"],
]

/// A network in Generated/: the C that `make generate` writes, compiled as strictly as it is shipped.
func generated(_ name: String, _ folder: String, weights: Bool = true) -> Target {
  .target(
    name: name, path: "Generated/\(folder)",
    exclude: ["Makefile", "network.json", "\(folder).plan.txt", "test"] + (weights ? ["weights.safetensors"] : []),
    publicHeadersPath: "include", cSettings: strictC)
}

let package = Package(
  name: "epropc",
  products: [.executable(name: "epropc", targets: ["epropc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    module("Diagnostics"),
    module("Randomness"),
    module("Safetensors", ["Diagnostics"]),
    module("Descriptions", ["Diagnostics", "Safetensors"]),
    module("Networks", ["Diagnostics", "Descriptions", "Randomness", "Safetensors"]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CHDF5Reader", dependencies: ["CHDF5"], cSettings: strictC),
    module("HDF5Files", ["CHDF5Reader", "Diagnostics"]),
    module("NIR", ["Descriptions", "Diagnostics", "HDF5Files", "Networks"]),
    module("Trials", ["Diagnostics", "Randomness", "Safetensors"]),
    .systemLibrary(name: "CKissFFT"),
    module("Features", ["CKissFFT", "Diagnostics", "Safetensors"]),
    module("Tasks", ["Networks", "Randomness", "Trials"]),
    module("LearningRules", ["Diagnostics", "Safetensors"]),
    module("OnlineRules", ["Diagnostics", "LearningRules", "Randomness", "Safetensors"]),
    module(
      "FloatReference", ["Diagnostics", "LearningRules", "Networks", "OnlineRules", "Randomness", "Trials"]),
    module("RateReference", ["LearningRules", "Networks", "OnlineRules", "Randomness", "Trials"]),
    module("Training", ["Diagnostics", "FloatReference", "LearningRules", "Networks", "Randomness", "Trials"]),

    module("FixedPoint"),
    .target(name: "CFixedPoint", cSettings: strictC),
    module("Planning", ["Diagnostics", "FixedPoint", "Networks"]),
    module("IntegerModel", ["Planning", "FixedPoint"]),

    module("CSyntax"),
    module(
      "CBackend", ["CSyntax", "FixedPoint", "Planning"],
      resources: [.embedInCode("eprop_fixed.h"), .embedInCode("eprop_armv7em.h")]),

    module("Toolchains", ["Diagnostics", .product(name: "Subprocess", package: "swift-subprocess")]),
    module(
      "Conformance",
      [
        "CBackend", "CSyntax", "Diagnostics", "FixedPoint", "FloatReference", "IntegerModel", "Networks", "Planning",
        "Randomness", "Tasks", "Toolchains", "Trials",
      ]),
    module(
      "Profiling",
      ["CBackend", "Conformance", "Diagnostics", "IntegerModel", "Planning", "Toolchains", "Trials"]),
    module(
      "Digits",
      [
        "Conformance", "Diagnostics", "FloatReference", "IntegerModel", "Networks", "Planning", "Safetensors", "Tasks",
        "Toolchains", "Training", "Trials",
      ]),
    module(
      "Benchmarks",
      ["Conformance", "Diagnostics", "Networks", "Planning", "Tasks", "Toolchains", "Training", "Trials"]),
    module(
      "Reports",
      [
        "Benchmarks", "Conformance", "Digits", "IntegerModel", "Toolchains", "Diagnostics", "FloatReference",
        "LearningRules", "Networks", "NIR", "OnlineRules", "Planning", "Profiling", "RateReference", "Safetensors",
        "Tasks", "Training", "Trials",
      ]),
    .executableTarget(
      name: "epropc",
      dependencies: [
        "Benchmarks", "CBackend", "Conformance", "Descriptions", "Diagnostics", "Digits", "Features", "FloatReference",
        "LearningRules", "Networks", "NIR", "OnlineRules", "Planning", "Profiling", "Randomness", "RateReference",
        "Reports", "Safetensors", "Tasks", "Toolchains", "Training",
        "Trials",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),

    generated("GeneratedBlink", "blink", weights: false),
    generated("GeneratedPatternGeneration", "pattern_generation"),
    generated("GeneratedStoreRecall", "store_recall"),

    tests("InputTests", ["Descriptions", "Diagnostics", "Networks", "Randomness", "Safetensors", "Trials"]),
    tests(
      "NIRTests",
      [
        "Conformance", "Descriptions", "Diagnostics", "FloatReference", "HDF5Files", "NIR", "Networks", "Planning",
        "Safetensors", "Toolchains", "Trials",
      ]),
    tests(
      "FloatReferenceTests",
      [
        "FloatReference", "LearningRules", "Networks", "OnlineRules", "Randomness", "Safetensors", "Tasks", "Training",
        "Trials",
      ]),
    tests(
      "RateReferenceTests",
      [
        "Diagnostics", "LearningRules", "Networks", "OnlineRules", "Randomness", "RateReference", "Safetensors",
        "Tasks",
        "Trials",
      ]),
    tests("FeatureTests", ["Diagnostics", "Features", "Safetensors", "Toolchains"]),
    tests("FixedPointTests", ["CFixedPoint", "FixedPoint"]),
    .target(
      name: "TestSupport", dependencies: ["Planning"], path: "Tests/TestSupport", swiftSettings: swift),
    tests("IntegerModelTests", ["FixedPoint", "IntegerModel", "Planning", "TestSupport"]),
    tests(
      "EndToEndTests",
      [
        "Benchmarks", "CBackend", "Conformance", "Diagnostics", "IntegerModel", "Networks", "Planning",
        "Randomness", "Tasks", "TestSupport", "Toolchains", "Training", "Trials",
      ]),
    tests(
      "GeneratedTests",
      [
        "CBackend", "Conformance", "Diagnostics", "GeneratedBlink", "GeneratedPatternGeneration",
        "GeneratedStoreRecall", "IntegerModel", "Networks", "Planning", "Tasks", "Training", "Trials",
      ]),
    tests(
      "ProfilingTests",
      ["Conformance", "Diagnostics", "Networks", "Planning", "Profiling", "Tasks", "Toolchains", "Trials"]),
    tests("ToolchainsTests", ["Diagnostics", "Toolchains"]),
    tests(
      "CommandLineTests",
      ["epropc", "Diagnostics", "Networks", "Randomness", "Reports", "Safetensors", "Tasks", "Trials"]),
  ]
)
