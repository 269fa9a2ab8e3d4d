internal import Foundation
internal import Glibc

/// The single-row calls of XGBoost's and LightGBM's own C libraries, opened where a Python has them.
enum ModelLibraries {
  /// What a library takes for a row, in the order of the features.
  typealias Predict = ([Double]) -> Double

  /// The folder of a Python package; nil where `python3`, or what `SLUICE_PYTHON` names, has none such.
  private static func folder(_ package: String) -> String? {
    let python = Process()
    let output = Pipe()
    python.executableURL = URL(filePath: "/usr/bin/env")
    let name = ProcessInfo.processInfo.environment["SLUICE_PYTHON"] ?? "python3"
    python.arguments = [
      name, "-c",
      "import importlib.util as u; s = u.find_spec('\(package)'); print(s.submodule_search_locations[0] if s else '')",
    ]
    python.standardOutput = output
    python.standardError = FileHandle.nullDevice
    guard (try? python.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    python.waitUntilExit()
    let path = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return path.isEmpty ? nil : path
  }

  private static func library(_ package: String, _ file: String) -> UnsafeMutableRawPointer? {
    guard let folder = folder(package) else { return nil }
    return unsafe dlopen("\(folder)/lib/\(file)", RTLD_NOW | RTLD_LOCAL)
  }

  private static func function<F>(_ library: UnsafeMutableRawPointer, _ name: String, as type: F.Type) -> F? {
    unsafe dlsym(library, name).map { unsafe unsafeBitCast($0, to: type) }
  }

  private typealias Handle = UnsafeMutableRawPointer

  /// `XGBoosterPredictFromDense` of one row, with one thread.
  static func xgboost(model: String, features: Int) -> Predict? {
    typealias Create = @convention(c) (UnsafeRawPointer?, UInt64, UnsafeMutablePointer<Handle?>) -> CInt
    typealias Load = @convention(c) (Handle?, UnsafePointer<CChar>) -> CInt
    typealias Set = @convention(c) (Handle?, UnsafePointer<CChar>, UnsafePointer<CChar>) -> CInt
    typealias Dense =
      @convention(c) (
        Handle?, UnsafePointer<CChar>, UnsafePointer<CChar>, Handle?, UnsafeMutablePointer<UnsafePointer<UInt64>?>,
        UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UnsafePointer<Float>?>
      ) -> CInt
    guard let library = unsafe library("xgboost", "libxgboost.so"),
      let create = unsafe function(library, "XGBoosterCreate", as: Create.self),
      let load = unsafe function(library, "XGBoosterLoadModel", as: Load.self),
      let set = unsafe function(library, "XGBoosterSetParam", as: Set.self),
      let predict = unsafe function(library, "XGBoosterPredictFromDense", as: Dense.self)
    else { return nil }
    var booster: Handle?
    guard unsafe create(nil, 0, &booster) == 0, unsafe load(booster, model) == 0,
      unsafe set(booster, "nthread", "1") == 0
    else { return nil }
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: features)
    let address = UInt(bitPattern: values.baseAddress)
    let interface = #"{"data": [\#(address), true], "shape": [1, \#(features)], "typestr": "<f4", "version": 3}"#
    let config =
      #"{"type": 0, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, "missing": NaN, "cache_id": 0}"#
    let (interfaceText, configText) = unsafe (strdup(interface), strdup(config))
    guard let interfaceText = unsafe interfaceText, let configText = unsafe configText else { return nil }
    return { row in
      for index in row.indices { unsafe values[index] = Float(row[index]) }
      var shape: UnsafePointer<UInt64>?
      var dimensions: UInt64 = 0
      var result: UnsafePointer<Float>?
      let code = unsafe predict(booster, interfaceText, configText, nil, &shape, &dimensions, &result)
      guard code == 0, let result = unsafe result else { return .nan }
      return unsafe Double(result.pointee)
    }
  }

  /// `LGBM_BoosterPredictForMatSingleRowFast`, with one thread.
  static func lightGBM(model: String, features: Int) -> Predict? {
    typealias Create =
      @convention(c) (
        UnsafePointer<CChar>, UnsafeMutablePointer<CInt>, UnsafeMutablePointer<Handle?>
      ) -> CInt
    typealias Prepare =
      @convention(c) (
        Handle?, CInt, CInt, CInt, CInt, Int32, UnsafePointer<CChar>, UnsafeMutablePointer<Handle?>
      ) -> CInt
    typealias Fast =
      @convention(c) (
        Handle?, UnsafeRawPointer, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Double>
      ) -> CInt
    guard let library = unsafe library("lightgbm", "lib_lightgbm.so"),
      let create = unsafe function(library, "LGBM_BoosterCreateFromModelfile", as: Create.self),
      let prepare = unsafe function(library, "LGBM_BoosterPredictForMatSingleRowFastInit", as: Prepare.self),
      let predict = unsafe function(library, "LGBM_BoosterPredictForMatSingleRowFast", as: Fast.self)
    else { return nil }
    var iterations: CInt = 0
    var (booster, settings): (Handle?, Handle?) = (nil, nil)
    // Doubles are kind 1; no iterations means all.
    guard unsafe create(model, &iterations, &booster) == 0,
      unsafe prepare(booster, 0, 0, -1, 1, Int32(features), "num_threads=1", &settings) == 0
    else { return nil }
    return { row in
      var count: Int64 = 0
      var result = Double.nan
      return unsafe predict(settings, row, &count, &result) == 0 ? result : .nan
    }
  }
}
