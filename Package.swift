// swift-tools-version: 6.2
import PackageDescription

/// `make fuzz` has everything built for the fuzzer, which no other build knows of.
let isFuzzing = Context.environment["SLUICE_FUZZ"] != nil
/// Coverage guides the fuzzer; the address sanitizer sees reads that go astray without a trap.
let sanitizers = ["-sanitize=fuzzer,address"]

let common: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
  ] + (isFuzzing ? [.unsafeFlags(sanitizers)] : [])
/// The data plane passes spans around, so it needs lifetime annotations.
let dataPlane = common + [.enableExperimentalFeature("Lifetimes")]
/// The programs carry the Swift runtime with them, so that they run, and start fast, where no toolchain is.
let programs: [LinkerSetting] = [.unsafeFlags(["-static-stdlib"])]
/// What the static Foundation leaves to the linker.
let foundation: [LinkerSetting] = [
  "CoreFoundation", "_FoundationCShims", "_FoundationCollections", "_FoundationICU", "swiftSynchronization",
].map { .linkedLibrary($0) }

let stages: [Target.Dependency] = ["SourceStage", "WindowStage", "LearnStage", "ScoreStage", "SinkStage"]

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "sluice", targets: ["sluice"]),
    .executable(name: "sluice-worker", targets: ["sluice-worker"]),
  ],
  dependencies: [
    // The command line: parsing, help and completion as users know them.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // YAML with the place of every node, on top of libyaml.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    // High dynamic range histograms: percentiles in bounded memory. Uses no Foundation.
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CZeroMQ"),
    .target(name: "CLinux"),
    .target(name: "Records", dependencies: ["CLinux"], swiftSettings: dataPlane),
    .target(name: "Transport", dependencies: ["CZeroMQ"], swiftSettings: dataPlane),
    .target(name: "Expressions", dependencies: ["Records"], swiftSettings: dataPlane),
    .target(name: "Dataflow", dependencies: ["Records"], swiftSettings: dataPlane),
    .target(name: "Checkpoints", dependencies: ["CLinux", "Dataflow", "Records"], swiftSettings: dataPlane),
    .target(
      name: "Telemetry",
      dependencies: ["CLinux", "Dataflow", .product(name: "Histogram", package: "hdrhistogram-swift")],
      swiftSettings: common
    ),
    .target(name: "Metrics", swiftSettings: dataPlane),
    .target(name: "Models", dependencies: ["Records"], swiftSettings: dataPlane),
    .target(name: "ModelFiles", dependencies: ["Models", "Records"], swiftSettings: common),
    .target(name: "SourceStage", dependencies: ["Dataflow", "Records"], swiftSettings: dataPlane),
    .target(
      name: "WindowStage",
      dependencies: ["CLinux", "Dataflow", "Expressions", "Records"],
      swiftSettings: dataPlane
    ),
    .target(
      name: "ScoreStage",
      dependencies: ["Dataflow", "Expressions", "Models", "Records"],
      swiftSettings: dataPlane
    ),
    .target(name: "LearnStage", dependencies: ["Dataflow", "Models", "Records"], swiftSettings: dataPlane),
    .target(
      name: "SinkStage",
      dependencies: ["Dataflow", "Expressions", "Metrics", "Records"],
      swiftSettings: dataPlane
    ),
    .target(
      name: "Plan",
      dependencies: ["Checkpoints", "Dataflow", "Expressions", "Models", "Records"] + stages,
      swiftSettings: common
    ),
    .target(
      name: "WorkerRuntime",
      dependencies: ["Checkpoints", "Dataflow", "Expressions", "Plan", "Records", "Telemetry", "Transport"] + stages,
      swiftSettings: dataPlane
    ),
    .target(name: "Backtest", dependencies: ["Metrics", "Plan", "Records"], swiftSettings: dataPlane),
    .target(name: "Simulators", dependencies: ["Records"], swiftSettings: common),
    .target(
      name: "PipelineSpec",
      dependencies: [
        "Dataflow", "Expressions", "ModelFiles", "Models", "Plan", "Records", "Transport",
        .product(name: "Yams", package: "Yams"),
      ] + stages,
      swiftSettings: common
    ),
    .target(
      name: "Supervisor",
      dependencies: ["CLinux", "Checkpoints", "Dataflow", "Plan", "Records", "Telemetry", "Transport"],
      swiftSettings: common
    ),
    .target(
      name: "Decisions",
      dependencies: ["Dataflow", "Expressions", "Models", "PipelineSpec", "Plan", "Records"] + stages,
      swiftSettings: common
    ),
    .executableTarget(
      name: "sluice-worker",
      dependencies: ["CLinux", "Records", "WorkerRuntime"],
      swiftSettings: common,
      linkerSettings: programs
    ),
    .executableTarget(
      name: "sluice",
      dependencies: [
        "Backtest", "CLinux", "Checkpoints", "Dataflow", "Decisions", "Expressions", "LearnStage", "Metrics",
        "PipelineSpec",
        "Plan", "Records", "SourceStage", "Simulators", "Supervisor", "Telemetry", "Transport", "WorkerRuntime",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: common,
      linkerSettings: programs + foundation
    ),
    .executableTarget(
      name: "floor",
      path: "Benchmarks/Floor",
      // What a fast loop is measured against has to be fast in every configuration.
      cxxSettings: [.unsafeFlags(["-O3"]), .enableWarning("all"), .treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("m")]
    ),
    .executableTarget(
      name: "end-to-end",
      dependencies: [
        "CLinux", "Expressions", "ModelFiles", "Models", "Records",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/EndToEnd",
      swiftSettings: common
    ),
    .target(
      name: "TestSupport",
      dependencies: ["CLinux", "Checkpoints", "Records"],
      path: "Tests/TestSupport",
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "ExpressionsTests",
      dependencies: ["Expressions", "Records", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "SourceStageTests",
      dependencies: ["Dataflow", "PipelineSpec", "Plan", "Records", "SourceStage", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "PipelineSpecTests",
      dependencies: ["PipelineSpec", "Plan", "Records", "TestSupport"],
      swiftSettings: common
    ),
    .testTarget(
      name: "DecisionsTests",
      dependencies: [
        "Dataflow", "Decisions", "PipelineSpec", "Plan", "Records", "Supervisor", "TestSupport", "WindowStage",
        "WorkerRuntime",
      ],
      swiftSettings: common
    ),
    .testTarget(name: "TransportTests", dependencies: ["Transport"], swiftSettings: dataPlane),
    .testTarget(
      name: "WindowStageTests",
      dependencies: ["Dataflow", "Expressions", "Records", "TestSupport", "WindowStage"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "ScoreStageTests",
      dependencies: ["Dataflow", "Expressions", "Models", "Records", "ScoreStage", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "LearnStageTests",
      dependencies: ["Dataflow", "LearnStage", "Models", "Records", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "SinkStageTests",
      dependencies: ["Dataflow", "Expressions", "Records", "SinkStage", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "DataflowTests",
      dependencies: ["Dataflow", "Records", "TestSupport", "WindowStage"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: ["Checkpoints", "Dataflow", "Records", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Checkpoints", "Dataflow", "Expressions", "LearnStage", "Models", "Plan", "Records", "SinkStage", "SourceStage",
        "Supervisor", "TestSupport", "WindowStage", "WorkerRuntime",
      ],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "PipelineTests",
      dependencies: ["Checkpoints", "Dataflow", "Records", "TestSupport", "Transport"],
      exclude: ["feed.py", "make-python.sh", "messages.py", "rate.py", "drift.py"],
      swiftSettings: common
    ),
    .testTarget(name: "MetricsTests", dependencies: ["Metrics", "TestSupport"], swiftSettings: dataPlane),
    .testTarget(
      name: "BacktestTests",
      dependencies: ["Backtest", "Metrics", "Records", "TestSupport"],
      swiftSettings: dataPlane
    ),
    .testTarget(name: "ModelsTests", dependencies: ["Models"], swiftSettings: dataPlane),
    .testTarget(
      name: "ModelFilesTests",
      dependencies: ["ModelFiles", "Models"],
      exclude: ["Fixtures", "make-fixtures.py"],
      swiftSettings: dataPlane
    ),
    .testTarget(
      name: "SimulatorsTests",
      dependencies: ["Records", "Simulators"],
      swiftSettings: common
    ),
    .testTarget(
      name: "RecordsTests",
      dependencies: ["CLinux", "Records", "TestSupport"],
      swiftSettings: dataPlane
    ),
  ],
  cxxLanguageStandard: .cxx20
)

if isFuzzing {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Dataflow", "Expressions", "ModelFiles", "Models", "PipelineSpec", "Plan", "Records", "TestSupport",
      ] + stages,
      path: "Tests/Fuzzing",
      exclude: ["words.dict"],
      swiftSettings: dataPlane + [.unsafeFlags(["-parse-as-library"])],
      linkerSettings: [.unsafeFlags(sanitizers + ["-parse-as-library"])]
    )
  )
}
