// A server of node-opcua: Objects/Machine with a counter that changes, and an array.
// node opcua-server.cjs PORT DIRECTORY
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { MessageSecurityMode, SecurityPolicy } = require("node-opcua-secure-channel");
const { DataType, VariantArrayType } = require("node-opcua-variant");

async function main() {
    const [port, directory] = process.argv.slice(2);
    const certificates = new OPCUACertificateManager({ automaticallyAcceptUnknownCertificate: true, rootFolder: directory });
    await certificates.initialize();
    const server = new OPCUAServer({
        port: Number(port),
        hostname: "127.0.0.1",
        serverCertificateManager: certificates,
        securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256, SecurityPolicy.Aes256_Sha256_RsaPss],
        securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt],
        userManager: { isValidUser: (user, password) => user === "agent" && password === "secret" },
    });
    await server.initialize();
    const space = server.engine.addressSpace;
    const namespace = space.getOwnNamespace();
    const machine = namespace.addObject({ organizedBy: space.rootFolder.objects, browseName: "Machine" });
    const counter = namespace.addVariable({ componentOf: machine, browseName: "counter", nodeId: "s=counter", dataType: "Int32" });
    const array = namespace.addVariable({
        componentOf: machine,
        browseName: "levels",
        nodeId: "s=levels",
        dataType: "Double",
        valueRank: 1,
    });
    array.setValueFromSource({ dataType: DataType.Double, arrayType: VariantArrayType.Array, value: Float64Array.from([1.5, 2.5]) });
    let count = 0;
    const tick = () => counter.setValueFromSource({ dataType: DataType.Int32, value: count++ });
    tick();
    setInterval(tick, 250); // five times as long as the server samples
    await server.start();
    console.log("READY");
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
