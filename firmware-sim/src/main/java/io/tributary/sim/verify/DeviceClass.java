package io.tributary.sim.verify;

/** Devices whose IDs differ in numbers only, of a fleet that may have thousands. */
public final class DeviceClass {
    private final String name;
    private final Account account = new Account();
    private int devices;

    DeviceClass(String name) {
        this.name = name;
    }

    static String nameOf(String device) {
        return device.replaceAll("[0-9]+", "#");
    }

    void add(Account ofDevice) {
        account.add(ofDevice);
        devices++;
    }

    /** The IDs with {@code #} for each number. */
    public String name() {
        return name;
    }

    /** How many of them differ. */
    public int devices() {
        return devices;
    }

    public Account account() {
        return account;
    }
}
