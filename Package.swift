// swift-tools-version: 6.2
import PackageDescription

let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]
/// The data plane passes spans around, so it needs lifetime annotations.
let dataPlane = common + [.enableExperimentalFeature("Lifetimes")]

let package = Package(
  name: "sluice",
  targets: [
    .systemLibrary(name: "CZeroMQ"),
    .target(name: "CLinux"),
    .target(name: "Records", dependencies: ["CLinux"], swiftSettings: dataPlane),
    .target(name: "Dataflow", dependencies: ["Records"], swiftSettings: dataPlane),
    .target(name: "Transport", dependencies: ["CZeroMQ"], swiftSettings: dataPlane),
    .target(name: "Supervisor", dependencies: ["CLinux", "Dataflow", "Records", "Transport"], swiftSettings: common),
    .testTarget(name: "DataflowTests", dependencies: ["Dataflow", "Records"], swiftSettings: common),
    .testTarget(name: "RecordsTests", dependencies: ["Records"], swiftSettings: common),
  ]
)
