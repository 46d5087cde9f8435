// Made by `npm run types` from openapi.json. Change the box, not this file.

export interface paths {
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was done, the newest first.
         * @description Who may: owner.
         */
        get: operations["get_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/box": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What this is, before anybody is known.
         * @description Anybody.
         */
        get: operations["get_box"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ca.pem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The certificate to trust.
         * @description Anybody.
         */
        get: operations["get_ca_pem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Become the owner of a new box, with the code on its console.
         * @description Anybody.
         */
        post: operations["post_claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clock/trust": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The clock is right although it jumped: old versions may go again.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_clock_trust"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/computers/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a computer's source stands.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_computers_source"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/computers/{source}/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pieces of a version, in the order of the names in the body.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        post: operations["post_computers_source_fetch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/computers/{source}/lacking": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which of these pieces the source lacks: a byte 0 or 1 for each name of 33 bytes.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        post: operations["post_computers_source_lacking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/computers/{source}/pieces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes pieces; they are durable when it is answered.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        post: operations["post_computers_source_pieces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/computers/{source}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The versions of a computer's source.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_computers_source_versions"];
        put?: never;
        /**
         * Makes a version of what was sent, or names what is missing.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        post: operations["post_computers_source_versions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/desk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Play the hardware of a simulated box; refused by a real one.
         * @description Who may: owner.
         */
        post: operations["post_desk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your devices.
         * @description Who may: owner, member.
         */
        get: operations["get_devices"];
        put?: never;
        /**
         * A token for a device; it is told once.
         * @description Who may: owner, member. Needs the password once more.
         */
        post: operations["post_devices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/pairing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A code with which a computer of yours is paired; it is told once, and good for a quarter of an hour.
         * @description Who may: owner, member. Needs the password once more.
         */
        post: operations["post_devices_pairing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{device}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take a device's token back.
         * @description Who may: owner, member.
         */
        delete: operations["delete_devices_device"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every disk, and what waits for its owner.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_disks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use a blank disk for the vault.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_adopt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * It is what it says it is, moved on purpose.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let go of what is on it and use it; there are ten minutes for an undo.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/find": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let its light say where it is.
         * @description Who may: owner.
         */
        post: operations["post_disks_disk_find"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/keep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep it after all.
         * @description Who may: owner.
         */
        post: operations["post_disks_disk_keep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * It is no drive for plain files any more.
         * @description Who may: owner.
         */
        post: operations["post_disks_disk_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/replace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Another one is to take its place.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_replace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Empty it and let it go.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_retire"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/skip-wait": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase it now.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_skip_wait"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/trust": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * It failed, and is to be tried again.
         * @description Who may: owner.
         */
        post: operations["post_disks_disk_trust"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do not erase it after all.
         * @description Who may: owner.
         */
        post: operations["post_disks_disk_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/disks/{disk}/use-as-drive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use it as it is, for plain files.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_disks_disk_use_as_drive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enclosure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the box looks like, to draw it.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_enclosure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * News as server-sent events; `Last-Event-ID` goes on after one.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/bring-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Puts what an old version had back; where something else stands, both are kept.
         * @description Who may: owner, member.
         */
        post: operations["post_files_source_bring_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A file's bytes; `Range`, `If-Range` and `If-None-Match` are understood, and so is HEAD.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_content"];
        /**
         * Puts a whole file; `If-Match` with its tag, or `If-None-Match: *`. A device only adds.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        put: operations["put_files_source_content"];
        post?: never;
        /**
         * Takes a file or folder out of the newest version; `If-Match` with its tag.
         * @description Who may: owner, member.
         */
        delete: operations["delete_files_source_content"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page of a folder, in the order of names as bytes.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/folder": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes an empty folder, unless there is one.
         * @description Who may: owner, member.
         */
        post: operations["post_files_source_folder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When a file or folder changed, the newest first: where a slider stops.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A part of the timeline: photos and films, the newest first.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_photos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/photos/months": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many photos of the newest version each month has. The first look begins to look through it.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_photos_months"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/rename": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Moves a file, or a folder with all it holds.
         * @description Who may: owner, member.
         */
        post: operations["post_files_source_rename"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Files by name and time, also deleted ones.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A picture in small, as a JPEG, drawn by a process that can do nothing else.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_thumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{source}/zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A folder as a zip, made while it is sent.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_files_source_zip"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All friends, invites, and what waits for an answer.
         * @description Who may: owner.
         */
        get: operations["get_friends"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an invite for one friend; its ticket is told once.
         * @description Who may: owner.
         */
        post: operations["post_friends_invites"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/invites/{invite}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say yes or no to the box that took an own invite; a no takes it back.
         * @description Who may: owner.
         */
        post: operations["post_friends_invites_invite_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at somebody's invite: who, on which terms, and the words to compare.
         * @description Who may: owner.
         */
        post: operations["post_friends_offers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/offers/{offer}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say yes or no to an invite that was looked at.
         * @description Who may: owner.
         */
        post: operations["post_friends_offers_offer_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say how boxes outside this house find this one.
         * @description Who may: owner.
         */
        put: operations["put_friends_reach"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Call the friend something else, or say where the box stands.
         * @description Who may: owner.
         */
        patch: operations["patch_friends_friend"];
        trace?: never;
    };
    "/api/v1/friends/{friend}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have the friend prove some of what it keeps, now.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_audit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/block": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have nothing more to do with the friend.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_friends_friend_block"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give notice: the pact ends after the days that it names.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_friends_friend_end"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget a friend whose pact is over, once nothing is kept on either side.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_forget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/help-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A come-back address for the friend, who lost everything: where this box is now.
         * @description Who may: owner.
         */
        get: operations["get_friends_friend_help_back"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say how fast packs go, and when.
         * @description Who may: owner.
         */
        put: operations["put_friends_friend_limits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was written to the friend and came from there.
         * @description Who may: owner.
         */
        get: operations["get_friends_friend_messages"];
        put?: never;
        /**
         * Write to the friend.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_messages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/messages/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * All messages so far are read.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_messages_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take no new packs of the friend for now.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/reconciled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * This box was looked at and is right, whatever the friend has seen.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_friends_friend_reconciled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take new packs of the friend again.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/seen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the verdict says of the friend is read; what is still so stays.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_seen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/sheet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The own come-back address at the friend, for the recovery kit.
         * @description Who may: owner.
         */
        get: operations["get_friends_friend_sheet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End it at once: what the friend keeps counts as lost.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_friends_friend_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/terms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Propose other terms; what keeps the own data for a shorter time is refused.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_terms"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/terms/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say yes or no to terms that the friend proposes.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_terms_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/terms/answer/shorter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say yes to terms that keep the own data for a shorter time, with the 24 words.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_friends_friend_terms_answer_shorter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/terms/shorter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Propose terms that keep the own data for a shorter time, with the 24 words.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_friends_friend_terms_shorter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{friend}/unblock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a block back.
         * @description Who may: owner.
         */
        post: operations["post_friends_friend_unblock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is wrong, and what to do.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The jobs that the box remembers, the newest first.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Back folders of the box itself up.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_jobs_backup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/bring-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch what no disk has.
         * @description Who may: owner.
         */
        post: operations["post_jobs_bring_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare what the disks hold with what they should.
         * @description Who may: owner.
         */
        post: operations["post_jobs_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let go of versions.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_jobs_forget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Copy what is on a disk of somebody's into the vault; the disk is only read.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_jobs_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/prune": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Free what nothing needs any more.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_jobs_prune"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring everything back to its promised copies.
         * @description Who may: owner.
         */
        post: operations["post_jobs_rebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write files back into a folder of the box itself.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_jobs_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/scrub": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read every byte of every copy.
         * @description Who may: owner.
         */
        post: operations["post_jobs_scrub"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/usb": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write plain files to drives; with no sources named, everybody's.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_jobs_usb"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/usb-verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read a drive again.
         * @description Who may: owner.
         */
        post: operations["post_jobs_usb_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One job.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_jobs_job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop it for good.
         * @description Who may: owner.
         */
        post: operations["post_jobs_job_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop it for now.
         * @description Who may: owner.
         */
        post: operations["post_jobs_job_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let it go on.
         * @description Who may: owner.
         */
        post: operations["post_jobs_job_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a password after an invitation.
         * @description Anybody.
         */
        post: operations["post_join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keeping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many copies are kept, and how long versions are.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_keeping"];
        /**
         * Keep more copies, or versions for longer; what would keep less is refused.
         * @description Who may: owner.
         */
        put: operations["put_keeping"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keeping/foreseen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would come of another wish: which versions go, what that frees, and when.
         * @description Who may: owner.
         */
        post: operations["post_keeping_foreseen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keeping/less": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Keep this, also where it is less than until now.
         * @description Who may: owner. Needs the password once more.
         */
        put: operations["put_keeping_less"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a key on a stick: one file is put there, and nothing else is touched.
         * @description Who may: owner, member. Needs the password once more.
         */
        post: operations["post_key"];
        /**
         * The key opens nothing any more.
         * @description Who may: owner, member, helper. Needs the password once more.
         */
        delete: operations["delete_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/key/sticks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sticks that are plugged in and that a key can be made on.
         * @description Who may: owner, member.
         */
        get: operations["get_key_sticks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/kit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Draw new words for the vault, with the old ones or the password. They open nothing yet.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_kit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/kit/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say two of the drawn words back: from now on they open the vault, and the old ones do not.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_kit_words"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop what needs the keys, and forget them.
         * @description Who may: owner.
         */
        post: operations["post_lock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who asks, be it a person or a device.
         * @description Who may: owner, member, helper. Or a device.
         */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * By which names and addresses the box is reached, and what carries them.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_network"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document.
         * @description Anybody.
         */
        get: operations["get_openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outlets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whom the box tells what happened.
         * @description Who may: owner.
         */
        get: operations["get_outlets"];
        /**
         * Say whom: the whole list.
         * @description Who may: owner. Needs the password once more.
         */
        put: operations["put_outlets"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outlets/{outlet}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message to try it, and say whether it was taken.
         * @description Who may: owner.
         */
        post: operations["post_outlets_outlet_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Become a device, with a code that was made for it.
         * @description Anybody.
         */
        post: operations["post_pair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * A new password; all other sessions end.
         * @description Who may: owner, member, helper. Needs the password once more.
         */
        put: operations["put_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everybody.
         * @description Who may: owner.
         */
        get: operations["get_people"];
        put?: never;
        /**
         * Invite somebody; the code is told once.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_people"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{person}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove somebody; what they stored stays.
         * @description Who may: owner. Needs the password once more.
         */
        delete: operations["delete_people_person"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{person}/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * The key of a member or a helper opens nothing any more.
         * @description Who may: owner. Needs the password once more.
         */
        delete: operations["delete_people_person_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people/{person}/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * How much somebody may store over this door.
         * @description Who may: owner. Needs the password once more.
         */
        put: operations["put_people_person_quota"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quiet-hours": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say from when to when nothing noisy is done that can wait, instead of the settings file.
         * @description Who may: owner.
         */
        put: operations["put_quiet_hours"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop the box in order and start it anew; it waits for its key then.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_restart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in here.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_session"];
        put?: never;
        /**
         * Sign in.
         * @description Anybody.
         */
        post: operations["post_session"];
        /**
         * Sign out.
         * @description Who may: owner, member, helper.
         */
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/elevation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give the password once more, for a quarter of an hour.
         * @description Who may: owner, member, helper.
         */
        post: operations["post_session_elevation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where else you are signed in.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one of your sessions.
         * @description Who may: owner, member, helper.
         */
        delete: operations["delete_sessions_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sheet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new sheet of codes to print; each works once, and the old ones no more.
         * @description Who may: owner, member, helper. Needs the password once more.
         */
        post: operations["post_sheet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/shutdown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop the box in order.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_shutdown"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions, the oldest first.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_snapshots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{snapshot}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A folder of a version.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_snapshots_snapshot_entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is backed up, as far as it is yours.
         * @description Who may: owner, member. Or a device whose token may read.
         */
        get: operations["get_sources"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the box is doing.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/support-bundle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a helper needs to see: no secrets, no names.
         * @description Who may: owner, helper.
         */
        get: operations["get_support_bundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/surroundings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Quiet hours, the battery, and whether it opens by itself.
         * @description Who may: owner, member, helper.
         */
        get: operations["get_surroundings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * The app's first code: from now on one is asked for.
         * @description Who may: owner, member, helper. Needs the password once more.
         */
        put: operations["put_totp"];
        /**
         * A secret for an app; it counts once a first code was shown.
         * @description Who may: owner, member, helper. Needs the password once more.
         */
        post: operations["post_totp"];
        /**
         * No second factor any more.
         * @description Who may: owner, member, helper. Needs the password once more.
         */
        delete: operations["delete_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/unlock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open the vault with its words or its password.
         * @description Who may: owner.
         */
        post: operations["post_unlock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins an upload, or joins pieces.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        post: operations["post_uploads"];
        delete?: never;
        /**
         * Which tus is spoken.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        options: operations["options_uploads"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Gives an upload up.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        delete: operations["delete_uploads_upload"];
        options?: never;
        /**
         * Where an upload stands.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        head: operations["head_uploads_upload"];
        /**
         * Goes on with an upload.
         * @description Who may: owner, member. Or a device whose token may add.
         */
        patch: operations["patch_uploads_upload"];
        trace?: never;
    };
    "/api/v1/vault": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the vault of a new box on blank disks. Its words are told once.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_vault"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vault/reborn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring the vault of a box that is gone back, on blank disks, from friends; its data follows as a job.
         * @description Who may: owner. Needs the password once more.
         */
        post: operations["post_vault_reborn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/vault/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say two of the new vault's words back: they are on paper.
         * @description Who may: owner.
         */
        post: operations["post_vault_words"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What a box is to whoever has just found it. */
        About: {
            /** @description Somebody owns it. */
            claimed: boolean;
            /** @description Its hardware is simulated. */
            desk: boolean;
            /** @description The program. */
            holdfast: string;
            /** @description Its version. */
            version: string;
        };
        /** @description A blank disk is taken. */
        Adopt: {
            /** @description In the place of this one. */
            replaces?: string | null;
        };
        /** @description A yes to terms that keep the own data for a shorter time. */
        AgreeShorter: {
            /** @description What was shown. */
            pact: string;
            /** @description The 24 words. */
            words: components["schemas"]["SecretText"];
        };
        /** @description An answer to what the friend proposes. */
        AnswerTerms: {
            /** @description What was shown. */
            pact: string;
            /** @description Yes or no. */
            yes: boolean;
        };
        /**
         * @description Who wanted a job.
         * @enum {string}
         */
        AskedBy: "owner" | "schedule";
        /** @description Who asks. */
        Asker: {
            /** @description The person's name, with the device's behind it when one asks. */
            name: string;
            /** @description The person's id. */
            person: string;
            /** @description The person's role. */
            role: string;
            /** @description What the device may do; none when no device asks. */
            scope?: Record<string, never> | null;
        };
        /** @description One thing that was done. */
        AuditEntry: {
            /** @description What. */
            act: string;
            /**
             * Format: int64
             * @description When, milliseconds since 1970.
             */
            at_ms: number;
            /** @description From where. */
            from: string;
            /** @description The hash that the next one holds. */
            hash: string;
            /**
             * Format: int64
             * @description Its number.
             */
            number: number;
            /** @description To what. */
            what: string;
            /** @description Who. */
            who: string;
        };
        /** @description The log. */
        AuditLog: {
            /** @description The newest first. */
            entries: components["schemas"]["AuditEntry"][];
            /** @description They fit together: none was changed, taken out or put in. */
            whole: boolean;
        };
        /** @description Folders to back up. */
        Backup: {
            /** @description Names to leave out. */
            excludes?: string[];
            /** @description Folders of the box itself, absolute. */
            paths: components["schemas"]["RawPath"][];
            /** @description The source's name. */
            source: string;
            /** @description `everyone`, which is also meant by nothing, or the name of one's own space. */
            space?: string | null;
        };
        /** @description What a backup stored. */
        BackupResult: {
            /**
             * Format: int64
             * @description Bytes in it.
             */
            bytes: number;
            /**
             * Format: int32
             * @description Disks that durably hold all of it.
             */
            copies: number;
            /**
             * Format: int32
             * @description Disks that were to.
             */
            copies_wanted: number;
            /**
             * Format: int64
             * @description Files in it.
             */
            files: number;
            /**
             * Format: int64
             * @description Folders in it.
             */
            folders: number;
            /** @description The first of what was left out or kept changing, by name. */
            left_out?: components["schemas"]["LeftOut"][];
            /**
             * Format: int64
             * @description Of these, bytes that the vault did not have.
             */
            new_bytes: number;
            /**
             * Format: int64
             * @description What could not be read, and was left out.
             */
            skipped: number;
            /** @description The new snapshot. */
            snapshot: string;
            /**
             * Format: int64
             * @description Files that kept changing while they were read.
             */
            unsettled: number;
        };
        /** @description A bay. */
        BayShown: {
            /**
             * Format: int32
             * @description From the left.
             */
            column: number;
            /** @description It has a light that can say where it is. */
            light: boolean;
            /** @description As it is printed on the case, and as [`calls::DiskShown::bay`] names it. */
            name: string;
            /**
             * Format: int32
             * @description From the top.
             */
            row: number;
        };
        /** @description What is brought back. */
        BringBack: {
            /** @description The tag of what may give way to it. */
            expected?: string | null;
            /** @description Its path. */
            path: components["schemas"]["RawPath"];
            /** @description `everyone`, or nothing for one's own. */
            space?: string | null;
            /** @description The version that has it. */
            version: string;
        };
        /** @description What the bringing back from friends came to. */
        BroughtBack: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Packs that no friend has whole.
             */
            lacking: number;
            /**
             * Format: int64
             * @description Packs that came since the job last began.
             */
            packs: number;
            /** @description The first of what was odd, in words. */
            wrong?: string[];
        };
        /** @description A disk, as far as a helper needs to know it. */
        BundledDisk: {
            /** @description What it is to the vault; see [`crate::DiskShown::life`]. */
            life: string;
            /** @description The maker's name for it. */
            model: string;
            /** @description Where it is, or was. */
            place: string;
            /** @description The last four of its serial. */
            serial: string;
            /**
             * Format: int64
             * @description Its size in bytes.
             */
            size: number;
        };
        /** @description What the test of a disk found. */
        BurnInResult: {
            /** @description It takes part from now on. */
            adopted: boolean;
            /** @description It kept everything. */
            good: boolean;
            /**
             * Format: int64
             * @description It is not as large as it says: about so much is there.
             */
            holds?: number | null;
            /** @description Where the disk was. */
            place: string;
            /**
             * Format: int64
             * @description Its size, as it says.
             */
            size: number;
            /**
             * Format: int64
             * @description Bytes that it did not keep, as far as it was read.
             */
            wrong: number;
        };
        /**
         * @description What carries a connection.
         * @enum {string}
         */
        Carrier: "cable" | "radio" | "other";
        /** @description It was done. */
        ChangeMade: {
            /** @description Whether something had to change. */
            changed: boolean;
            /** @description Where it stands now, or stood. */
            path: components["schemas"]["RawPath"];
            /** @description Its tag now, where that is known. */
            tag?: string | null;
        };
        /** @description How thorough a check is. */
        Check: {
            /** @description Every byte. */
            read_data?: boolean;
            /** @description Mend from good copies. */
            repair?: boolean;
        };
        /** @description What a check found. */
        CheckResult: {
            /**
             * Format: int64
             * @description Volumes that were not here.
             */
            absent: number;
            /**
             * Format: int64
             * @description Bytes read and hashed.
             */
            bytes_read: number;
            /** @description Nothing is wrong any more. */
            clean: boolean;
            /**
             * Format: int64
             * @description Things wrong on a volume.
             */
            damaged: number;
            /** @description The first of the files that cannot be restored whole, by name. */
            left_out?: components["schemas"]["LeftOut"][];
            /**
             * Format: int64
             * @description Files that cannot be restored whole.
             */
            lost_files: number;
            /**
             * Format: int64
             * @description Packs without a good copy here.
             */
            lost_packs: number;
            /**
             * Format: int64
             * @description Packs the vault counts on.
             */
            packs: number;
            /**
             * Format: int64
             * @description Of these, mended.
             */
            repaired: number;
            /**
             * Format: int64
             * @description Packs with fewer copies than promised.
             */
            under_copied: number;
            /** @description The first of what is wrong, each with its disk and its pack, in words. */
            wrong?: string[];
        };
        /** @description A code, a name and a password. */
        Claim: {
            /** @description The code: of the console, or of the invitation. */
            code: components["schemas"]["SecretText"];
            /** @description The name to sign in with. */
            name: string;
            /** @description Ten letters or more. */
            password: components["schemas"]["SecretText"];
        };
        /**
         * @description Whether the box believes its clock.
         * @enum {string}
         */
        Clock: "trusted" | "jumped";
        /** @description A code. */
        Code: {
            /** @description Six digits. */
            code: components["schemas"]["SecretText"];
        };
        /** @description What became of a backup's end. */
        Committed: {
            /**
             * Format: int32
             * @description Disks that have all of it.
             */
            copies: number;
            /** @description What is missing, as hex digits of names: send it, and ask again. */
            lacking: string[];
            /** @description The new version; none while something is missing. */
            version?: string | null;
            /**
             * Format: int32
             * @description Disks that shall have it.
             */
            wanted: number;
        };
        /** @description Said once more, so that no slip does it. */
        Confirmed: {
            /** @description The friend's name, as it is shown. */
            name: string;
        };
        /** @description The desk as it is now. */
        Desk: {
            /** @description By name. */
            disks: components["schemas"]["OnDesk"][];
        };
        /** @description What a hand does to a simulated box. */
        DeskAct: {
            /** @description Make a new disk, which lies on the table then. */
            new: {
                /** @description With an empty file system, as sticks come from a shop; else it is blank. */
                formatted?: boolean;
                /** @description Its name on the desk. */
                name: string;
                /** @description The serial that it reports; one of its own when none is named. */
                serial?: string | null;
                /**
                 * Format: int64
                 * @description Its size in bytes.
                 */
                size: number;
                /** @description A USB stick instead of a SATA disk. */
                usb: boolean;
            };
        } | {
            /** @description Plug it in. */
            insert: {
                /** @description Which. */
                name: string;
                /** @description `bay-1` to `bay-4`, `usb-front` or `usb-back`. */
                port: string;
            };
        } | {
            /** @description Pull it. */
            pull: {
                /** @description Which. */
                name: string;
            };
        } | {
            /** @description Something is wrong with it from now on, instead of what was before. */
            fault: {
                /** @description What. */
                fault: components["schemas"]["DeskFault"];
                /** @description Which. */
                name: string;
            };
        } | {
            /** @description It says of itself that it will fail soon, or that it is well. */
            smart: {
                /** @description Which. */
                name: string;
                /** @description It is well. */
                passed: boolean;
            };
        } | {
            /** @description Let it show a folder of somebody's files as its content. */
            show: {
                /** @description The folder; it is never written. */
                folder: components["schemas"]["RawPath"];
                /** @description Which; it lies on the table. */
                name: string;
            };
        } | {
            /** @description Press the button. */
            press: {
                /** @description For as long as it takes. */
                held: boolean;
            };
        } | {
            /** @description What lies on the desk. */
            look: Record<string, never>;
        };
        /** @description What is wrong with a simulated disk. */
        DeskFault: "none" | "fail" | "writes" | "reads" | "hang" | "full" | "read_only" | {
            /** @description It has less room than it says. */
            fake: {
                /**
                 * Format: int64
                 * @description What it really holds, in bytes.
                 */
                holds: number;
                /** @description What is written beyond that goes over what is before; else it is forgotten. */
                wraps: boolean;
            };
        } | {
            /** @description Everything takes this much longer. */
            slow: {
                /**
                 * Format: int64
                 * @description Milliseconds.
                 */
                ms: number;
            };
        };
        /** @description What a device may do. */
        DeviceScope: {
            /** @description List and read what is in its person's space. */
            read: Record<string, never>;
        } | {
            /** @description Add new files to one source, and nothing else: it reads, lists, replaces and deletes nothing. */
            add: {
                /** @description The source. */
                source: string;
            };
        } | {
            /** @description Back one source up and restore it. */
            backup: {
                /** @description The source. */
                source: string;
            };
        };
        /** @description Somebody's devices. */
        Devices: {
            /** @description In the order in which they came. */
            devices: components["schemas"]["OneDevice"][];
        };
        /** @description One disk. */
        DiskShown: {
            /** @description What to do about it; empty when nothing is. */
            action: string;
            /** @description Its bay, if it is in one. */
            bay?: string | null;
            /** @description What has to be typed before it is erased. */
            erase_word?: string | null;
            /** @description Eight letters that name this disk where it is plugged in. */
            id: string;
            joining?: components["schemas"]["Joining"] | null;
            /**
             * @description `blank`, `foreign`, `ours-absent`, `member`, `watch`, `failed`, `retiring`, `drained`, `rescue`,
             *     `courier`, `quarantined` or `taken-out`.
             */
            life: string;
            /** @description The maker's name for it. */
            model: string;
            /** @description Where it is, or was: "bay 2". */
            place: string;
            /**
             * Format: int64
             * @description Hours that it has run, where it says so.
             */
            power_on_hours?: number | null;
            /** @description It may be pulled now: nothing depends on it, and nothing is written to it. */
            safe_to_pull: boolean;
            /** @description What is the case with it, for people. */
            sentence: string;
            /** @description The last four of its serial; of its port where it has none. */
            serial: string;
            /**
             * Format: int64
             * @description Its size in bytes.
             */
            size: number;
            /**
             * Format: int32
             * @description Degrees Celsius, where it says so.
             */
            temperature_c?: number | null;
            /** @description Its owner wants another one in its place. */
            to_be_replaced: boolean;
            /** @description `sata`, `nvme`, `usb`, `card`, `virtual` or `other`. */
            transport: string;
            /** @description The volume that it is, or says it is. */
            volume?: string | null;
        };
        /** @description All disks that the box knows, and what it wants of its owner. */
        Disks: {
            /**
             * Format: int32
             * @description How many copies their owner wants, as far as anybody knows.
             */
            copies?: number | null;
            /** @description By place; members that are away come last. */
            disks: components["schemas"]["DiskShown"][];
            /** @description What happened of late, the newest last. */
            news: components["schemas"]["News"][];
            /** @description What waits for the owner, the most urgent first. */
            questions: components["schemas"]["Question"][];
        };
        /** @description It was done, and there is nothing else to say. */
        Done: {
            done: boolean;
        };
        /** @description Rights are raised. */
        Elevated: {
            /**
             * Format: int64
             * @description For so many seconds.
             */
            seconds: number;
        };
        /** @description The password once more. */
        Elevation: {
            code?: components["schemas"]["SecretText"] | null;
            /**
             * Format: int32
             * @description Use the key instead, and wait so many seconds for it to be plugged into the box: 20 at most.
             */
            key_seconds?: number | null;
            /** @description The password. */
            password: components["schemas"]["SecretText"];
            words?: components["schemas"]["SecretText"] | null;
        };
        /** @description The case of a box. */
        Enclosure: {
            /** @description Its bays; none for a computer that disks stand beside. */
            bays: components["schemas"]["BayShown"][];
            /** @description As its maker calls it. */
            name: string;
            /** @description Its USB sockets, by name. */
            sockets: string[];
        };
        /** @description What the box looks like. */
        EnclosureShown: {
            enclosure?: components["schemas"]["Enclosure"] | null;
        };
        /** @description A page of a folder. */
        Entries: {
            /** @description What is in it. */
            entries: components["schemas"]["Entry"][];
            /** @description The word `from` of the next page. */
            next?: string | null;
            /**
             * Format: int64
             * @description When the box received that.
             */
            received_ms: number;
            /** @description The folder itself, or the one entry that is none. */
            top: components["schemas"]["Entry"];
            /** @description The version that it is of. */
            version: string;
        };
        /** @description A file, folder or link. */
        Entry: {
            /** @description What is wrong with it: it is kept as it came. */
            fault?: string | null;
            /** @description `file`, `folder`, `link` or `other`. */
            kind: string;
            /** @description Its media type, where its sender said one. */
            mime?: string | null;
            /**
             * Format: int32
             * @description Permissions.
             */
            mode: number;
            /**
             * Format: int32
             * @description And nanoseconds.
             */
            mtime_nanos: number;
            /**
             * Format: int64
             * @description Last modification, seconds since 1970.
             */
            mtime_secs: number;
            /** @description Its name. */
            name: components["schemas"]["RawPath"];
            /**
             * Format: int64
             * @description A file's length.
             */
            size: number;
            /** @description Changes whenever its content does: for `If-Match` without the quotes. */
            tag: string;
            target?: components["schemas"]["RawPath"] | null;
        };
        /**
         * @description What an entry is.
         * @enum {string}
         */
        EntryKind: "file" | "folder" | "symlink" | "fifo" | "socket" | "char_device" | "block_device";
        /** @description A disk with something on it is taken. */
        Erase: {
            /** @description In the place of this one. */
            replaces?: string | null;
            /** @description The last four of its serial, as somebody typed them. */
            typed: string;
        };
        /** @description Why something was not done. */
        Fault: {
            /** @description What the owner can do now: one sentence. */
            advice: string;
            /** @description For programs. */
            code: components["schemas"]["FaultCode"];
            /** @description What is the case: what, which, how much. */
            sentence: string;
        };
        /**
         * @description What kind of refusal it is. Programs match this, never the sentence.
         * @enum {string}
         */
        FaultCode: "bad_request" | "version" | "denied" | "locked" | "wrong_secret" | "not_found" | "wrong_state" | "busy" | "full" | "volumes" | "refused" | "stopped" | "shutting_down" | "failed";
        /** @description Its light. */
        Find: {
            /** @description On or off. */
            on: boolean;
        };
        /** @description Something that is wrong. */
        Finding: {
            /** @description What to do about it. */
            action: string;
            /** @description What is the case. */
            sentence: string;
            /** @description How much it matters. */
            severity: components["schemas"]["Severity"];
        };
        /** @description A folder that is to be made. */
        Folder: {
            /** @description Where. */
            path: components["schemas"]["RawPath"];
            /** @description `everyone`, or nothing for one's own. */
            space?: string | null;
        };
        /** @description Versions to let go of. */
        Forget: {
            /** @description Their ids; those that the usual rule lets go when none is named. */
            snapshots?: string[];
        };
        /** @description What a forget let go. */
        ForgetResult: {
            /**
             * Format: int64
             * @description Versions that are no longer kept.
             */
            forgotten: number;
        };
        /** @description A page of what was found; it may be empty and have a next one. */
        Found: {
            /** @description The hits. */
            hits: components["schemas"]["Hit"][];
            /** @description The word `cursor` of the next page. */
            next?: string | null;
        };
        /** @description Room on all disks that are here, together. What is stored until then may need some of it again. */
        Frees: {
            /** @description There was too much to count all of it: it is at least so many. */
            at_least: boolean;
            /**
             * Format: int64
             * @description About so many bytes.
             */
            bytes: number;
        };
        /** @description What one box keeps of the other. */
        FriendKept: {
            /**
             * Format: int64
             * @description Bytes that lie there, those that are to go among them.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Bytes that were agreed on.
             */
            given: number;
            /**
             * Format: int64
             * @description Packs.
             */
            packs: number;
        };
        /** @description How fast packs go to and come from a friend, by this box's clock. Rates in kilobits a second. */
        FriendLimits: {
            /** @description Hours without a limit, such as `00:00-07:00`; none when there are none. */
            full_speed?: string | null;
            /**
             * Format: int32
             * @description Outside `full_speed`, at most; none for no limit, 0 for nothing at all.
             */
            kbit?: number | null;
            /**
             * Format: int64
             * @description Bytes in a calendar month, both ways together; none when nobody counts.
             */
            month_bytes?: number | null;
            /**
             * Format: int32
             * @description Through a relay, at most; none for the usual 2,000.
             */
            relayed_kbit?: number | null;
        };
        /** @description One message. */
        FriendMessage: {
            /** @description A box wrote it, because something is wrong there. */
            alarm: boolean;
            /**
             * Format: int64
             * @description When it was written, milliseconds since 1970.
             */
            at_ms: number;
            /** @description Written here. */
            mine: boolean;
            /** @description How far it has come. What came from there is taken. */
            state: components["schemas"]["MessageState"];
            /** @description What it says: at most 2,000 bytes. */
            text: string;
        };
        /** @description Messages with one friend. */
        FriendMessages: {
            /** @description The oldest first. */
            messages: components["schemas"]["FriendMessage"][];
        };
        /** @description A come-back address: whose vault, and where the box is that keeps for it. No secret is in it. */
        FriendSheet: {
            /** @description The friend, as this owner calls them. */
            name: string;
            /** @description The same in groups of four, for paper. */
            spaced: string;
            /** @description As one word, for a picture to scan or a link. */
            text: string;
        };
        /** @description One friend. */
        FriendShown: {
            asked?: components["schemas"]["Proposal"] | null;
            /**
             * @description The last 28 days, the oldest first: of each how many of its hours the friend's box was there, 0 to
             *     24; none where this box was off.
             */
            days: (number | null)[];
            /** @description The key of the friend's box, as hex. */
            endpoint: string;
            /**
             * Format: int64
             * @description When the pact ends, when notice was given.
             */
            ends_ms?: number | null;
            /** @description Why the last thing that was tried with this friend did not go; none when it did. */
            fault?: string | null;
            /** @description What this box keeps for the friend. */
            here: components["schemas"]["FriendKept"];
            /** @description The number of the pact, as hex: it stays when a box is replaced. */
            id: string;
            /** @description What the friend's box calls itself. */
            label: string;
            /**
             * Format: int64
             * @description When it was last there; none before the first time.
             */
            last_seen_ms?: number | null;
            /** @description How fast packs go. */
            limits: components["schemas"]["FriendLimits"];
            /** @description As this box's owner calls the friend. */
            name: string;
            /**
             * Format: int64
             * @description Bytes of which too few copies were left outside this house if this friend were not there.
             */
            only_there_bytes: number;
            /**
             * Format: int32
             * @description Versions of the pact so far.
             */
            pact_number: number;
            /** @description Where it stands, in the owner's words; empty when nobody said. */
            place: string;
            /** @description How it proved what it keeps. */
            proofs: components["schemas"]["Proofs"];
            /**
             * Format: int64
             * @description Milliseconds to the friend's box and back, while it is there and that is known.
             */
            round_trip_ms?: number | null;
            /** @description How it is reached. */
            seen: components["schemas"]["Seen"];
            /**
             * Format: int64
             * @description When the pact was made, milliseconds since 1970.
             */
            since_ms: number;
            /** @description How it stands. */
            standing: components["schemas"]["FriendStanding"];
            /** @description What was agreed. */
            terms: components["schemas"]["PactTerms"];
            /** @description What the friend keeps for this box. */
            there: components["schemas"]["FriendKept"];
            /**
             * Format: int32
             * @description Messages that nobody has read.
             */
            unread: number;
            /**
             * Format: int64
             * @description Bytes that are on their way to the friend.
             */
            waiting_bytes: number;
            /**
             * Format: int64
             * @description And packs.
             */
            waiting_packs: number;
            /**
             * Format: int64
             * @description Since when the oldest of these wait.
             */
            waiting_since_ms?: number | null;
        };
        /**
         * @description How it stands with a friend.
         * @enum {string}
         */
        FriendStanding: "active" | "paused" | "ending" | "blocked" | "distrusted" | "ended";
        /** @description Everything about friends. */
        Friends: {
            /** @description This box's key for friends, as hex: what a friend's box knows it by; empty when there is none yet. */
            endpoint: string;
            /** @description In the order in which they came. */
            friends: components["schemas"]["FriendShown"][];
            /** @description Invites that are open, the newest last. */
            invites: components["schemas"]["InviteShown"][];
            /**
             * Format: int64
             * @description Bytes that can still be promised to a friend; none while nobody knows, as no disk is here.
             */
            may_give?: number | null;
            /** @description Invites of others that were looked at here and have come to no end. */
            offers: components["schemas"]["OfferShown"][];
            reach?: components["schemas"]["Reach"] | null;
            /** @description Why there is no talk with friends at all; none when there is. */
            trouble?: string | null;
        };
        /** @description The verdict and what it rests on. */
        Health: {
            /** @description What is wrong, the worst first; nothing when nothing is. */
            findings: components["schemas"]["Finding"][];
            /** @description The volumes, as far as they can be seen. */
            volumes: components["schemas"]["Volume"][];
        };
        /** @description Why nothing is freed now. */
        Held: {
            /** @description What to do about it. */
            action: string;
            /** @description What is the case. */
            sentence: string;
        };
        /** @description A history. */
        History: {
            /** @description The newest first. */
            moments: components["schemas"]["Moment"][];
            /** @description The word `version` of the next page. */
            next?: string | null;
        };
        /** @description Something that was found. */
        Hit: {
            /** @description Whether it was deleted since. */
            deleted: boolean;
            /** @description The entry. */
            entry: components["schemas"]["Entry"];
            /** @description Its path. */
            path: components["schemas"]["RawPath"];
            /** @description The version that has it. */
            version: string;
        };
        /** @description A disk of somebody's, whose files are copied into the vault. */
        Import: {
            /** @description Which. */
            drive: string;
            /** @description The source that they go to; called after the disk when not given. */
            source?: string | null;
        };
        /** @description What an import stored, and whether the disk is still needed. */
        ImportResult: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files that were read again from the disk and are in the vault byte for byte.
             */
            compared: number;
            /**
             * Format: int32
             * @description Disks of the vault that durably hold all of it.
             */
            copies: number;
            /**
             * Format: int32
             * @description Disks that were to.
             */
            copies_wanted: number;
            /**
             * Format: int64
             * @description Files that were not the same when they were read again.
             */
            differ: number;
            /**
             * Format: int64
             * @description Files on it.
             */
            files: number;
            /** @description The first of what was left out or is not the same, by name. */
            names?: components["schemas"]["LeftOut"][];
            /**
             * Format: int64
             * @description Of these, bytes that the vault did not have.
             */
            new_bytes: number;
            /** @description Where the disk was. */
            place: string;
            /** @description Nothing on the disk is needed any more. */
            safe_to_wipe: boolean;
            /**
             * Format: int64
             * @description What could not be read, and is not in the vault.
             */
            skipped: number;
            /** @description The new snapshot. */
            snapshot: string;
            /** @description Its source. */
            source: string;
        };
        /** @description What to tell whoever is invited. */
        Invitation: {
            /** @description The code for `/api/v1/join`. */
            code: components["schemas"]["SecretText"];
            /** @description Their id. */
            id: string;
        };
        /** @description An invitation. */
        Invite: {
            /**
             * Format: int32
             * @description How long a helper may look, 1 to 720.
             */
            hours?: number | null;
            /** @description The name that they sign in with. */
            name: string;
            /** @description `owner`, `member` or `helper`. */
            role: string;
        };
        /** @description A new invite. */
        InviteFriend: {
            /** @description What it offers. */
            terms: components["schemas"]["PactTerms"];
        };
        /** @description An invite that was made here. */
        InviteShown: {
            /** @description What the box that took it calls itself; none while nobody has. */
            by?: string | null;
            /**
             * Format: int64
             * @description When it is over, milliseconds since 1970.
             */
            expires_ms: number;
            /** @description Its number, as hex. */
            id: string;
            /** @description What it offers. */
            terms: components["schemas"]["PactTerms"];
            /** @description The three words that both screens show, once somebody took it. */
            words?: string[] | null;
        };
        /** @description A new invite. The ticket is told once: whoever has it may use it. */
        Invited: {
            /** @description What was made. */
            invite: components["schemas"]["InviteShown"];
            /** @description The same in groups of four, for somebody who types. */
            spaced: components["schemas"]["SecretText"];
            /** @description The ticket, for a link or a picture. */
            ticket: components["schemas"]["SecretText"];
        };
        /** @description One job. Times are milliseconds since 1970 by the box's clock. */
        Job: {
            /** @description Who wanted it. */
            asked_by: components["schemas"]["AskedBy"];
            /**
             * Format: int32
             * @description How often it began: more than once after a pause, a restart or a crash.
             */
            attempts: number;
            /**
             * Format: int64
             * @description When it was asked for.
             */
            created_ms: number;
            /**
             * Format: int64
             * @description When it ended.
             */
            ended_ms?: number | null;
            fault?: components["schemas"]["Fault"] | null;
            /** @description Its number. */
            id: components["schemas"]["JobId"];
            /** @description How far it is. */
            progress: components["schemas"]["JobProgress"];
            /** @description What it rests for now, if it is not its turn that it waits for: quiet hours, in words. */
            rests?: string | null;
            result?: components["schemas"]["JobResult"] | null;
            /** @description What it is to do. */
            spec: components["schemas"]["JobSpec"];
            /**
             * Format: int64
             * @description When it last began.
             */
            started_ms?: number | null;
            /** @description Where it stands. */
            state: components["schemas"]["JobState"];
        };
        /**
         * Format: int64
         * @description A job's number; never used twice.
         */
        JobId: number;
        /** @description How far a job has come. */
        JobProgress: {
            /**
             * Format: int64
             * @description Bytes dealt with.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Bytes a second of late, where there is something to measure.
             */
            bytes_per_second?: number | null;
            /**
             * Format: int64
             * @description Of so many, where that is known.
             */
            bytes_total?: number | null;
            /**
             * Format: int64
             * @description Files or packs dealt with.
             */
            items: number;
            /**
             * Format: int64
             * @description Of so many, where that is known.
             */
            items_total?: number | null;
            /**
             * Format: int64
             * @description Milliseconds that are left at this rate.
             */
            left_ms?: number | null;
            /**
             * Format: int64
             * @description Of the bytes, those that the vault did not have; only where somebody wants to know.
             */
            new_bytes?: number | null;
        };
        /** @description What a job came to. */
        JobResult: {
            /** @description A backup. */
            backup: components["schemas"]["BackupResult"];
        } | {
            /** @description A check. */
            check: components["schemas"]["CheckResult"];
        } | {
            /** @description A rebuild. */
            rebuild: components["schemas"]["RebuildResult"];
        } | {
            /** @description A forget. */
            forget: components["schemas"]["ForgetResult"];
        } | {
            /** @description A pruning. */
            prune: components["schemas"]["PruneResult"];
        } | {
            /** @description A restore. */
            restore: components["schemas"]["RestoreResult"];
        } | {
            /** @description A restore to drives. */
            usb: components["schemas"]["UsbResult"];
        } | {
            /** @description The reading of a drive. */
            usb_verify: components["schemas"]["UsbVerifyResult"];
        } | {
            /** @description An import. */
            import: components["schemas"]["ImportResult"];
        } | {
            /** @description The test of a disk. */
            burn_in: components["schemas"]["BurnInResult"];
        } | {
            /** @description The bringing back from friends. */
            bring_back: components["schemas"]["BroughtBack"];
        };
        /** @description What a job is to do. */
        JobSpec: {
            /** @description Store folders that the box can read as a new version of a source. */
            backup: {
                /** @description Names to leave out. */
                excludes?: string[];
                /** @description Folders and files, absolute. */
                paths: components["schemas"]["RawPath"][];
                /** @description The source's name. */
                source: string;
                /**
                 * @description Whose source it is: the name of a space, or of somebody who lives with the box. The space
                 *     that everybody shares when not given.
                 */
                space?: string | null;
            };
        } | {
            /** @description Compare what the volumes hold with what the vault says they hold. */
            check: {
                /** @description Every byte, not only that each pack is there. */
                read_data?: boolean;
                /** @description Mend from good copies. */
                repair?: boolean;
            };
        } | {
            /**
             * @description Read every byte of every copy and compare it with its name. Needs no keys: a locked box does
             *     it, too. Mends nothing.
             */
            scrub: Record<string, never>;
        } | {
            /**
             * @description Write the newest version of every source, or a part of it, as plain files on drives, and read
             *     all of it back. The same wish goes on with what was cut off.
             */
            usb: {
                /**
                 * Format: int64
                 * @description Each source as it was this long before the job was asked for, in milliseconds.
                 */
                ago_ms?: number | null;
                /** @description Begin another one, though an unfinished one is on a drive. */
                anew?: boolean;
                /** @description The drives, named as disks are; they are filled in this order. */
                drives: string[];
                /** @description Only what stands at this path of each; everything when empty. */
                path?: components["schemas"]["RawPath"];
                /** @description Only these sources; all when there are none. */
                sources?: string[];
            };
        } | {
            /** @description Read every file of the restores on a drive and compare it with their manifests. Writes nothing. */
            usb_verify: {
                /** @description The drive. */
                drive: string;
            };
        } | {
            /**
             * @description Store what is on somebody's disk as a version of a source, and compare all of it. The disk is
             *     never written.
             */
            import: {
                /** @description The disk. */
                drive: string;
                /** @description The source; named after the disk when none is given. */
                source?: string | null;
            };
        } | {
            /** @description Write all of a disk and read it again, before it is trusted. Everything on it goes. */
            burn_in: {
                /** @description When it is found good, let it take part. */
                adopt?: boolean;
                /** @description The disk. */
                drive: string;
                /** @description In the place of this one. */
                replaces?: string | null;
                /** @description The last four of its serial, as somebody typed them, where something is on it. */
                typed?: string | null;
            };
        } | {
            /** @description Bring every pack back to its promised copies. */
            rebuild: Record<string, never>;
        } | {
            /** @description Fetch from friends what no disk has, what the newest versions need first. */
            bring_back: Record<string, never>;
        } | {
            /** @description Copy away what a volume alone has, prove it, and let the volume go. */
            drain: {
                /** @description The volume's id. */
                volume: string;
            };
        } | {
            /** @description Let go of versions: those named, or those that the usual rule lets go when none is. */
            forget: {
                /** @description Ids, or fronts of them. */
                snapshots?: string[];
            };
        } | {
            /** @description Free what nothing needs any more, as far as its grace allows. */
            prune: {
                /** @description The owner has seen that much of the vault would go, and agrees. */
                allow_large?: boolean;
            };
        } | {
            /** @description Write part of a snapshot back as plain files, in a folder that the box can write. */
            restore: {
                /** @description Take the place of files that are there already. */
                overwrite?: boolean;
                /** @description What; everything when empty. */
                path: components["schemas"]["RawPath"];
                /** @description An id, the front of one, `latest` or `latest:SOURCE`. */
                snapshot: string;
                /** @description The folder, absolute. */
                to: components["schemas"]["RawPath"];
            };
        };
        /**
         * @description Where a job stands.
         * @enum {string}
         */
        JobState: "queued" | "running" | "paused" | "done" | "failed" | "cancelled";
        /** @description Some jobs. */
        Jobs: {
            /** @description The newest first. */
            jobs: components["schemas"]["Job"][];
            /** @description There are more after these. */
            more: boolean;
        };
        /** @description How far a disk is on its way. */
        Joining: {
            /** @description It will be erased after this many milliseconds; until then there is an undo. */
            waiting: {
                /**
                 * Format: int64
                 * @description How long still.
                 */
                left_ms: number;
            };
        } | "formatting" | {
            /** @description It is formatted and not used yet; for this many milliseconds an undo still puts back what was on it. */
            kept: {
                /**
                 * Format: int64
                 * @description How long still.
                 */
                left_ms: number;
            };
        } | "putting_back" | "formatted";
        /** @description What is to be kept from now on. What is not named stays as it is. */
        Keep: {
            /**
             * Format: int32
             * @description On how many disks each piece is kept, 1 to 8.
             */
            copies?: number | null;
            /**
             * Format: int64
             * @description So many versions may go, as many as were foreseen; it is refused when more would go by now. None when
             *     it is not named.
             */
            goes_at_most?: number | null;
            versions?: components["schemas"]["KeepRule"] | null;
        };
        /**
         * @description How long versions are kept how finely, in days. Each number is at least the one before; one that is equal
         *     leaves its step out. After the last one a month stays, for ever.
         */
        KeepRule: {
            /**
             * Format: int32
             * @description Every version, so long.
             */
            all_days: number;
            /**
             * Format: int32
             * @description One a day, up to this age.
             */
            daily_days: number;
            /**
             * Format: int32
             * @description One an hour, up to this age.
             */
            hourly_days: number;
            /**
             * Format: int32
             * @description One a week, up to this age.
             */
            weekly_days: number;
        };
        /** @description What is to be kept from now on. What is not named stays as it is. */
        KeepWish: {
            /**
             * Format: int32
             * @description On how many disks each piece is kept, 1 to 8.
             */
            copies?: number | null;
            versions?: components["schemas"]["KeepRule"] | null;
        };
        /** @description What is kept. */
        Keeping: {
            /**
             * Format: int32
             * @description On how many disks each piece is kept.
             */
            copies: number;
            /** @description Old versions are let go by the box itself; its settings can turn that off, and then all stay. */
            thins: boolean;
            /** @description The usual rule, for whoever wants it back. */
            usual: components["schemas"]["KeepRule"];
            /** @description How long versions are kept. */
            versions: components["schemas"]["KeepRule"];
        };
        /** @description What a wish would do. */
        KeepingForeseen: {
            frees?: components["schemas"]["Frees"] | null;
            /**
             * Format: int64
             * @description From when on it is free, milliseconds since 1970; none when the box frees nothing by itself.
             */
            from_ms?: number | null;
            held?: components["schemas"]["Held"] | null;
            /** @description Less is kept than until now: fewer copies, or versions for a shorter time. */
            less: boolean;
            /**
             * Format: int64
             * @description When the oldest of them was received, milliseconds since 1970.
             */
            oldest_ms?: number | null;
            /**
             * Format: int64
             * @description How many of them are of sources that are not named.
             */
            others: number;
            /**
             * Format: int64
             * @description Of these, how many would have stayed today.
             */
            sooner: number;
            /** @description Whose they are, the most first. */
            sources: components["schemas"]["SourceForeseen"][];
            /**
             * Format: int64
             * @description Bytes that further copies take, on all disks together; 0 when there are to be no more.
             */
            takes: number;
            /**
             * Format: int64
             * @description Versions that go; while the box lets none go by itself, those that go once it does.
             */
            versions: number;
        };
        /** @description What is kept from now on, and the jobs that see to it. */
        Kept: {
            /** @description The one that makes copies, the one that lets versions go: those that are needed. */
            jobs: components["schemas"]["Job"][];
            /** @description As it is now. */
            keeping: components["schemas"]["Keeping"];
        };
        /** @description Something that a job left out, and why. */
        LeftOut: {
            /** @description What: as the job knows it, from its source, or below its snapshot. */
            path: components["schemas"]["RawPath"];
            /** @description Why, for people. */
            why: string;
        };
        /** @description A connection of the box. */
        Link: {
            /** @description At which it can be reached from elsewhere. */
            addresses: string[];
            /** @description What carries it. */
            carrier: components["schemas"]["Carrier"];
            /** @description Something answers at the other end: the cable is in, or the radio is heard. */
            connected: boolean;
            /**
             * Format: int32
             * @description Megabits in a second, where the system knows.
             */
            mbit?: number | null;
            /** @description As the system calls it. */
            name: string;
        };
        /**
         * @description Whether the keys are there.
         * @enum {string}
         */
        Lock: "none" | "locked" | "opening" | "unlocked";
        /** @description Whether the keys are there. */
        LockState: {
            /** @description `none` while there is no vault. */
            lock: components["schemas"]["Lock"];
        };
        /** @description Somebody's invite. */
        Look: {
            /** @description The ticket, as it was sent, scanned or typed. */
            ticket: components["schemas"]["SecretText"];
        };
        /** @description A device that was made. */
        MadeDevice: {
            /** @description Its name for requests. */
            id: string;
            /** @description Goes into `Authorization: Bearer`. It is told once. */
            token: components["schemas"]["SecretText"];
        };
        /** @description A key that was made. */
        MadeKey: {
            /** @description The name of its file on the stick. */
            file: string;
        };
        /** @description A vault that was made. */
        MadeVault: {
            /** @description Its id. */
            vault: string;
            /** @description The 24 words. They open it, and nobody has them but who reads this. */
            words: components["schemas"]["SecretText"];
        };
        /** @description A device that is wanted. */
        MakeDevice: {
            /** @description As you call it. */
            name: string;
            /**
             * Format: int64
             * @description Bytes that it may store; as many as there is room for when not given.
             */
            quota?: number | null;
            /** @description What it may do. */
            scope: components["schemas"]["DeviceScope"];
        };
        /** @description Asks for a code with which a computer is paired. */
        MakePairing: {
            /**
             * Format: int64
             * @description Bytes that the computer may store; as many as there is room for when not given.
             */
            quota?: number | null;
            /** @description The source that the computer goes on with; when none is given, it gets a new one of its own name. */
            source?: string | null;
        };
        /** @description A vault that is wanted. */
        MakeVault: {
            /**
             * Format: int32
             * @description Copies of everything, 1 to 8.
             */
            copies: number;
            /** @description Which disks: by id, bay, or the last four of the serial. */
            disks: string[];
            password?: components["schemas"]["SecretText"] | null;
        };
        /** @description Who is signed in. */
        Me: {
            /** @description Codes of the printed sheet that are left. */
            codes_left: number;
            /** @description Goes into the header `x-holdfast-csrf` of whatever changes something. */
            csrf: string;
            /** @description Rights are raised now. */
            elevated: boolean;
            key?: components["schemas"]["OwnKey"] | null;
            /** @description Their name. */
            name: string;
            /** @description Their id. */
            person: string;
            /** @description `owner`, `member` or `helper`. */
            role: string;
            /** @description A second factor is asked for. */
            second_factor: boolean;
            /** @description This session. */
            session: string;
            /** @description The name of their space. */
            space: string;
            /** @description An app makes codes. */
            totp: boolean;
            /**
             * Format: int64
             * @description Until when, for a helper, milliseconds since 1970.
             */
            until_ms?: number | null;
        };
        /**
         * @description How far a message has come.
         * @enum {string}
         */
        MessageState: "waiting" | "taken" | "refused" | "expired" | "unknown";
        /** @description Since when something has been as it is. */
        Moment: {
            entry?: components["schemas"]["Entry"] | null;
            /**
             * Format: int64
             * @description When the box received that.
             */
            received_ms: number;
            /**
             * Format: int64
             * @description Since when it was so.
             */
            since_ms: number;
            /** @description The newest version that has it so. */
            version: string;
        };
        /** @description How many photos each month has. */
        Months: {
            /**
             * Format: int64
             * @description Photos for which the box has no room in its memory.
             */
            left_out: number;
            /** @description A newer version is being looked through: ask again in a moment. */
            looking: boolean;
            /** @description The newest first; months without photos are not there. */
            months: components["schemas"]["PhotoMonth"][];
            /**
             * Format: int64
             * @description Of how many it is known whether they say themselves when they were taken.
             */
            read: number;
            /**
             * Format: int64
             * @description Another one whenever the order is another one: what was read of the timeline before is out of date.
             */
            revision: number;
            /**
             * Format: int64
             * @description Photos in all months.
             */
            total: number;
            /** @description Of which version; null until one has been looked through. */
            version?: string | null;
        };
        /** @description How a friend is called here. */
        Named: {
            /** @description The name; as it is when left out. */
            name?: string | null;
            /** @description Where the box stands; as it is when left out. */
            place?: string | null;
        };
        /** @description Where the box is in the network. */
        Network: {
            /**
             * @description What the house is told; none when it is told nothing. Where another box has this name already, this one
             *     is called `NAME-2.local` and so on.
             */
            announced?: string | null;
            /** @description Its connections, those of hardware first. */
            links: components["schemas"]["Link"][];
            /** @description Other names that it answers to. */
            names: string[];
            /** @description Only programs on the box itself reach it. */
            only_itself: boolean;
        };
        /** @description Where to make a key. */
        NewKey: {
            /** @description The `id` of a stick. */
            stick: string;
        };
        /** @description A new password. */
        NewPassword: {
            /** @description Ten letters or more. */
            password: components["schemas"]["SecretText"];
        };
        /** @description A secret for an app. */
        NewTotp: {
            /** @description To be typed. */
            secret: components["schemas"]["SecretText"];
            /** @description To be read from a picture. */
            uri: components["schemas"]["SecretText"];
        };
        /** @description Something that happened to a disk. */
        News: {
            /**
             * Format: int64
             * @description When, milliseconds since 1970 by the box's clock.
             */
            at_ms: number;
            /** @description What. */
            sentence: string;
        };
        /** @description Files of one kind that found no room. */
        NoRoom: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description How many.
             */
            files: number;
            /** @description Which kind. */
            kind: string;
        };
        /** @description Nothing to say. */
        Nothing: Record<string, never>;
        /** @description An invite of somebody else. */
        OfferShown: {
            /** @description What the box that invites calls itself. */
            by: string;
            /**
             * Format: int64
             * @description When it is over, milliseconds since 1970.
             */
            expires_ms: number;
            /** @description Why nothing comes of it. */
            fault?: string | null;
            /** @description Whether this box has the room for it now. */
            fits: boolean;
            /** @description Its number, as hex. */
            id: string;
            /** @description How far it has come. */
            state: components["schemas"]["OfferState"];
            /** @description What it offers. */
            terms: components["schemas"]["PactTerms"];
            /** @description The three words that both screens show. */
            words: string[];
        };
        /**
         * @description How far an invite of somebody else has come here.
         * @enum {string}
         */
        OfferState: "asking" | "waiting" | "failed";
        /** @description A simulated disk. */
        OnDesk: {
            /** @description What is wrong with it, in words. */
            faults: string[];
            /** @description The light beside its bay. */
            light?: string | null;
            /** @description Its name on the desk. */
            name: string;
            /** @description Where it is plugged in; none when it lies on the table. */
            port?: string | null;
            /** @description Its serial. */
            serial: string;
            /**
             * Format: int64
             * @description Its size in bytes.
             */
            size: number;
        };
        /** @description A device. */
        OneDevice: {
            /** @description Its name for requests. */
            id: string;
            /** @description As its person calls it. */
            name: string;
            /**
             * Format: int64
             * @description Bytes that it may store.
             */
            quota?: number | null;
            /** @description What it may do. */
            scope: components["schemas"]["DeviceScope"];
            /**
             * Format: int64
             * @description When its token was made, milliseconds since 1970.
             */
            since_ms: number;
            /**
             * Format: int64
             * @description Bytes that it has stored, where it has a quota: otherwise nobody counts.
             */
            stored: number;
            /**
             * Format: int64
             * @description When it was last used, to the hour.
             */
            used_ms?: number | null;
        };
        /** @description A person. */
        OnePerson: {
            /**
             * Format: int64
             * @description When the account was made, milliseconds since 1970.
             */
            created_ms: number;
            /** @description Their id. */
            id: string;
            /** @description They have chosen a password. */
            joined: boolean;
            /** @description They have a key on a stick. */
            key: boolean;
            /** @description Their name. */
            name: string;
            /**
             * Format: int64
             * @description Bytes that they may store over this door.
             */
            quota?: number | null;
            /** @description `owner`, `member` or `helper`. */
            role: string;
            /** @description A second factor is asked of them. */
            second_factor: boolean;
            /**
             * Format: int64
             * @description Bytes that they have stored there since they have a quota.
             */
            stored: number;
            /**
             * Format: int64
             * @description Until when, for a helper.
             */
            until_ms?: number | null;
        };
        /** @description A session. */
        OneSession: {
            /** @description What the browser says it is. */
            agent: string;
            /** @description Its name. */
            id: string;
            /**
             * Format: int64
             * @description When it began, milliseconds since 1970.
             */
            since_ms: number;
            /** @description It is the one that asks. */
            this: boolean;
            /**
             * Format: int64
             * @description When it was last used, to the hour.
             */
            used_ms: number;
        };
        /** @description A version. */
        OneVersion: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Its files.
             */
            files: number;
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description When the box had it all, milliseconds since 1970.
             */
            received_ms: number;
            /** @description Its top folder: CBOR as hex digits. */
            root: string;
            /**
             * Format: int64
             * @description What could not be read.
             */
            skipped: number;
        };
        /** @description One way to reach somebody. */
        Outlet: {
            /**
             * @description Numbers and nothing that has a name: what a stranger on the way may read. Names of disks and
             *     sources are left out, and the reader opens the page.
             */
            brief?: boolean;
            /** @description What it is called: told apart by it. */
            name: string;
            /** @description How. */
            way: components["schemas"]["Way"];
        };
        /** @description An outlet as it is shown: with no secret. */
        OutletShown: {
            /** @description Why the last one was not taken; none when it was. */
            fault?: string | null;
            /** @description It has a password, token or key. */
            has_secret: boolean;
            /** @description The outlet, its secret left out. */
            outlet: components["schemas"]["Outlet"];
            /**
             * Format: int64
             * @description When a message was last taken there, milliseconds since 1970.
             */
            sent_ms?: number | null;
            /**
             * Format: int32
             * @description Messages that wait for it.
             */
            waiting: number;
        };
        /** @description Who is told. */
        Outlets: {
            /** @description In the order in which they were set. */
            outlets: components["schemas"]["OutletShown"][];
        };
        /** @description Somebody's key. */
        OwnKey: {
            /**
             * Format: int64
             * @description When somebody used a copy of it: since then it opens nothing.
             */
            copied_ms?: number | null;
            /**
             * Format: int64
             * @description When it was made, milliseconds since 1970.
             */
            made_ms: number;
            /** @description What its stick says it is. */
            stick: string;
            /**
             * Format: int64
             * @description When it was last used.
             */
            used_ms?: number | null;
            /**
             * Format: int64
             * @description When somebody else with the password waited for it: it opens nothing until that is another one.
             */
            wanted_ms?: number | null;
        };
        /** @description What is agreed, as seen from this box. */
        PactTerms: {
            /** @description What this box keeps for the friend. */
            here: components["schemas"]["Promise"];
            /**
             * Format: int32
             * @description Days between notice and the end, 1 to 365.
             */
            notice_days: number;
            /** @description What the friend's box keeps for this one. */
            there: components["schemas"]["Promise"];
        };
        /** @description A computer shows the code. */
        Pair: {
            /** @description The code, without the letters that say which box is meant. */
            code: components["schemas"]["SecretText"];
            /** @description The computer's name. */
            name: string;
        };
        /** @description What the computer is given: a token for its source, and the keys that cut and name. None opens anything. */
        Paired: {
            /** @description The keys, as hex digits. */
            keys: components["schemas"]["SecretText"];
            /** @description Whose it is. */
            person: string;
            /** @description The source. */
            source: string;
            /** @description Goes into `Authorization: Bearer`. It is told once. */
            token: components["schemas"]["SecretText"];
        };
        /** @description A code with which one computer is paired, once. */
        PairingCode: {
            /** @description To be typed at the computer. */
            code: components["schemas"]["SecretText"];
            /**
             * Format: int64
             * @description How long it is good for.
             */
            seconds: number;
        };
        /** @description A pause. */
        Pause: {
            /**
             * Format: int64
             * @description Until then, milliseconds since 1970; until told otherwise when left out.
             */
            until_ms?: number | null;
        };
        /** @description Everybody. */
        People: {
            /** @description In the order in which they came. */
            people: components["schemas"]["OnePerson"][];
        };
        /** @description A photo or film. */
        Photo: {
            /** @description Whether it is a film. */
            film: boolean;
            /** @description Why there is no thumbnail: `no_decoder`, `broken`, `too_large`, `lost`; null while there may be one. */
            no_thumbnail?: string | null;
            /**
             * Format: int32
             * @description How far that clock was ahead of UTC, in minutes; null where that is not known.
             */
            offset_minutes?: number | null;
            /** @description Its path. */
            path: components["schemas"]["RawPath"];
            /**
             * Format: int64
             * @description Its length.
             */
            size: number;
            /** @description Changes whenever its content does. */
            tag: string;
            /** @description What the clock on the wall said, like `2024-06-01T00:10:00`. */
            taken: string;
            /** @description How that is known: `camera`, `film`, `file_time`, or `not_read_yet`: the file's time, for now. */
            taken_from: string;
        };
        /** @description A month with photos. */
        PhotoMonth: {
            /**
             * Format: int64
             * @description Photos in it.
             */
            count: number;
            /**
             * Format: int32
             * @description 1 to 12.
             */
            month: number;
            /**
             * Format: int32
             * @description The year.
             */
            year: number;
        };
        /** @description A part of the timeline. */
        Photos: {
            /** @description The newest first. */
            photos: components["schemas"]["Photo"][];
            /**
             * Format: int64
             * @description Of which order it is a part.
             */
            revision: number;
        };
        /**
         * @description How the box is fed.
         * @enum {string}
         */
        Power: "wall" | "battery" | "ending" | "unclear" | "silent";
        /** @description Codes to print. */
        PrintedSheet: {
            /** @description Each works once. */
            codes: components["schemas"]["SecretText"][];
        };
        /** @description Why a request was refused, as RFC 9457 has it. */
        Problem: {
            /** @description For programs. */
            code: string;
            /** @description What is the case. */
            detail: string;
            /** @description What to do now. */
            next: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The kind in a word or two. */
            title: string;
            /** @description What kind of problem it is: `urn:holdfast:problem:` and the code. */
            type: string;
            /**
             * Format: int64
             * @description When to try again, where that helps.
             */
            wait_seconds?: number | null;
        };
        /** @description What one side promises. */
        Promise: {
            /**
             * Format: int64
             * @description Bytes; 0 when it keeps nothing.
             */
            bytes: number;
            /**
             * Format: int32
             * @description Days before it carries out a deletion, 1 to 730.
             */
            not_before_days: number;
            /**
             * Format: int32
             * @description Months for which it keeps everything while the owner's box is dark, 6 to 120.
             */
            silence_months: number;
        };
        /** @description How what lies at a friend's was proved. */
        Proofs: {
            /**
             * Format: int64
             * @description Pieces that were wrong or missing in the last 90 days.
             */
            failed: number;
            /**
             * Format: int32
             * @description Pieces that were proved on that day.
             */
            last_day: number;
            /**
             * Format: int64
             * @description When something was proved last, milliseconds since 1970; none before the first time.
             */
            last_ms?: number | null;
            /**
             * Format: int64
             * @description Pieces that were proved in the last 90 days.
             */
            proved: number;
            /**
             * Format: int32
             * @description Proved among all that prove anything, in thousandths; none when there are none.
             */
            score?: number | null;
            /**
             * Format: int64
             * @description Questions without an answer in the last 90 days; these count for nothing.
             */
            unanswered: number;
        };
        /** @description Other terms that wait for an answer. */
        Proposal: {
            /** @description Names what is shown here: an answer says it back. */
            pact: string;
            /** @description The own data would be kept for a shorter time: a yes takes the 24 words. */
            shorter: boolean;
            /** @description The terms. */
            terms: components["schemas"]["PactTerms"];
        };
        /** @description Other terms. */
        Propose: {
            /** @description Which. */
            terms: components["schemas"]["PactTerms"];
        };
        /** @description Terms that keep the own data for a shorter time. */
        ProposeShorter: {
            /** @description Which. */
            terms: components["schemas"]["PactTerms"];
            /** @description The 24 words. */
            words: components["schemas"]["SecretText"];
        };
        /** @description How much may be freed. */
        Prune: {
            /** @description Much of the vault would go, and you agree. */
            allow_large?: boolean;
        };
        /** @description What a pruning freed. Counts are packs. */
        PruneResult: {
            /**
             * Format: int64
             * @description Bytes removed.
             */
            freed: number;
            /**
             * Format: int64
             * @description That wait from now on.
             */
            tombstoned: number;
            /**
             * Format: int64
             * @description That were removed.
             */
            unlinked: number;
            /**
             * Format: int64
             * @description Bytes that still wait.
             */
            waiting: number;
        };
        /** @description A file that was put. */
        Put: {
            /**
             * Format: int32
             * @description Disks that have all of it.
             */
            copies: number;
            /** @description Whether there was none before. */
            created: boolean;
            /** @description Its tag now. */
            tag?: string | null;
            /**
             * Format: int32
             * @description Disks that shall have it.
             */
            wanted: number;
        };
        /** @description Something that only the owner can do or decide. */
        Question: {
            /** @description What to do. */
            action: string;
            /** @description The disk that it is about; none where one is to be inserted. */
            disk?: string | null;
            /** @description What is wanted. */
            kind: components["schemas"]["QuestionKind"];
            /** @description What is the case. */
            sentence: string;
        };
        /**
         * @description What is wanted of the owner.
         * @enum {string}
         */
        QuestionKind: "pull" | "insert" | "settle" | "adopt" | "import" | "keep" | "drive" | "erase";
        /** @description How much somebody may store. */
        Quota: {
            /**
             * Format: int64
             * @description In bytes; as many as there is room for when null.
             */
            bytes?: number | null;
        };
        /** @description A path as bytes. */
        RawPath: components["schemas"]["RawPathWritten"];
        RawPathHex: {
            /** @description Pairs of digits, none of which is a zero byte. */
            hex: string;
        };
        /** @description Text, or hex where the bytes are none. */
        RawPathWritten: string | components["schemas"]["RawPathHex"];
        /** @description How boxes outside this house find this one. */
        Reach: {
            /** @description They do not, and nothing is announced: only addresses that an invite or a friend named. */
            nothing: Record<string, never>;
        } | {
            /** @description Boxes in the same house find each other; nothing leaves it. */
            same_house: Record<string, never>;
        } | {
            /** @description A public meeting point introduces them: it sees the boxes' addresses, and never data. */
            meeting_point: Record<string, never>;
        } | {
            /**
             * @description A relay of one's own, or a friend's: it sees addresses, and carries sealed data when there is no
             *     direct way.
             */
            relay: {
                /** @description Its address, beginning with `https://`. */
                url: string;
            };
        };
        /** @description A vault that is back on fresh disks: everything is listed, and what is in the files follows as a job. */
        Reborn: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /** @description Friends who were reached, as they are called now. */
            friends: string[];
            /** @description The job that brings them. */
            job: components["schemas"]["StartedJob"];
            /** @description The first of what was odd, a sentence each. */
            odd?: string[];
            /**
             * Format: int64
             * @description Packs that are still at friends.
             */
            packs: number;
            /** @description The vault's id. */
            vault: string;
            /**
             * Format: int64
             * @description Versions that are listed.
             */
            versions: number;
            /**
             * Format: int64
             * @description When the newest state that any friend has was written, by the clock of the box that is gone.
             */
            written_ms: number;
        };
        /** @description A vault that is to be brought back. */
        RebornVault: {
            /** @description Which disks: by id, bay, or the last four of the serial. */
            disks: string[];
            /** @description Come-back addresses at friends, as their sheets have them. */
            sheets: string[];
            /** @description Goes on although one of them cannot be reached: what is newer and only there is given up for good. */
            without_missing?: boolean;
            /** @description The 24 words of the vault that is gone. */
            words: components["schemas"]["SecretText"];
        };
        /** @description What a rebuild did. */
        RebuildResult: {
            /**
             * Format: int64
             * @description Packs that only absent volumes have.
             */
            away: number;
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Packs copied.
             */
            copied: number;
            /**
             * Format: int64
             * @description Copies that could not be made.
             */
            failed: number;
            /**
             * Format: int64
             * @description Packs that no volume has.
             */
            lost: number;
            /**
             * Format: int64
             * @description Packs that still have too few copies.
             */
            still_under_copied: number;
        };
        /** @description What was taken, and is durable. */
        Received: {
            /**
             * Format: int32
             * @description Disks that have it.
             */
            copies: number;
            /**
             * Format: int32
             * @description Disks that shall have it.
             */
            wanted: number;
        };
        /** @description That this box is right. */
        Reconciled: {
            words?: components["schemas"]["SecretText"] | null;
        };
        /** @description What is moved. */
        Rename: {
            /** @description The tag of what is moved, as it was seen. */
            expected?: string | null;
            /** @description From where. */
            from: components["schemas"]["RawPath"];
            /** @description A file, or an empty folder, that stands there may give way. */
            replace?: boolean;
            /** @description `everyone`, or nothing for one's own. */
            space?: string | null;
            /** @description To where. */
            to: components["schemas"]["RawPath"];
        };
        /** @description What to write back, and where to. */
        Restore: {
            /** @description Take the place of files that are there already. */
            overwrite?: boolean;
            /** @description What; everything when empty. */
            path?: components["schemas"]["RawPath"];
            /** @description An id, the front of one, `latest` or `latest:SOURCE`. */
            snapshot: string;
            /** @description A folder of the box itself, absolute. */
            to: components["schemas"]["RawPath"];
        };
        /** @description What a restore wrote. */
        RestoreResult: {
            /**
             * Format: int64
             * @description Bytes of files.
             */
            bytes: number;
            /**
             * Format: int64
             * @description What could not be written or read.
             */
            failed: number;
            /**
             * Format: int64
             * @description Of these, files.
             */
            files?: number;
            /**
             * Format: int64
             * @description Of these, folders.
             */
            folders?: number;
            /**
             * Format: int64
             * @description Files, folders and others.
             */
            items: number;
            /** @description The first of these, by name. */
            left_out?: components["schemas"]["LeftOut"][];
        };
        /** @description Words of the kit, by their numbers. */
        SaidBack: {
            /** @description At least two: `{"3": "abandon", "17": "zoo"}`, counted from 1. */
            words: {
                [key: string]: string;
            };
        };
        /** @description A message. */
        Say: {
            /** @description At most 2,000 bytes of plain text. */
            text: string;
        };
        /** @description What opens a vault. */
        Secret: {
            /** @description The 24 words. */
            words: components["schemas"]["SecretText"];
        } | {
            /** @description The password. */
            password: components["schemas"]["SecretText"];
        };
        /**
         * Format: password
         * @description Text that is never shown.
         */
        SecretText: string;
        /**
         * @description What protects the way to a mail server.
         * @enum {string}
         */
        Security: "tls" | "start_tls" | "none";
        /**
         * @description How a friend's box is reached.
         * @enum {string}
         */
        Seen: "direct" | "relayed" | "gone" | "offline";
        /** @description Somebody's sessions. */
        Sessions: {
            /** @description The newest last. */
            sessions: components["schemas"]["OneSession"][];
        };
        /** @description Who is to be told. */
        SetOutlets: {
            /** @description All of them; who is left out is told nothing any more. */
            outlets: components["schemas"]["Outlet"][];
        };
        /** @description When it has to be quiet. */
        SetQuiet: {
            /** @description Two times of day, as `22:00-07:00`; null for never. */
            hours?: string | null;
        };
        /** @description How this box is found. */
        SetReach: {
            /** @description How. */
            reach: components["schemas"]["Reach"];
        };
        /**
         * @description How much a finding matters.
         * @enum {string}
         */
        Severity: "notice" | "warning" | "alarm";
        /** @description Who, and the proof. */
        SignIn: {
            code?: components["schemas"]["SecretText"] | null;
            /**
             * Format: int32
             * @description Use the key instead, and wait so many seconds for it to be plugged into the box: 20 at most.
             */
            key_seconds?: number | null;
            /** @description The name. */
            name: string;
            /** @description The password. */
            password: components["schemas"]["SecretText"];
            words?: components["schemas"]["SecretText"] | null;
        };
        /** @description One snapshot. */
        Snapshot: {
            /** @description Its id. */
            id: string;
            /** @description `backup` or `edit`. */
            kind: string;
            /**
             * Format: int64
             * @description When the vault received it, milliseconds since 1970.
             */
            received_ms: number;
            /** @description The name of its source. */
            source: string;
            /** @description The name of its source's space. */
            space?: string;
        };
        /** @description A folder. */
        SnapshotEntries: {
            /** @description In the order of their names. */
            entries: components["schemas"]["SnapshotEntry"][];
            /** @description There are more after these. */
            more: boolean;
            /** @description The version that it is of. */
            snapshot: components["schemas"]["Snapshot"];
        };
        /** @description One entry of a folder. */
        SnapshotEntry: {
            /**
             * Format: int64
             * @description When it was changed, seconds since 1970.
             */
            changed_s: number;
            /** @description What it is. */
            kind: components["schemas"]["EntryKind"];
            /**
             * Format: int32
             * @description Permission bits.
             */
            mode: number;
            /** @description Below the snapshot's top. */
            path: components["schemas"]["RawPath"];
            /**
             * Format: int64
             * @description Bytes of a file.
             */
            size: number;
            target?: components["schemas"]["RawPath"] | null;
        };
        /** @description Versions. */
        Snapshots: {
            /** @description There are more after these. */
            more: boolean;
            /** @description The oldest first. */
            snapshots: components["schemas"]["Snapshot"][];
        };
        /** @description One source. */
        Source: {
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int64
             * @description Versions that are kept.
             */
            snapshots: number;
            /** @description The name of its space: `everyone`, or that of a person's. */
            space?: string;
        };
        /** @description The versions of one source that go. */
        SourceForeseen: {
            /**
             * Format: int64
             * @description When the oldest of them was received, milliseconds since 1970.
             */
            oldest_ms: number;
            /** @description Its name. */
            source: string;
            /** @description The name of its space. */
            space: string;
            /**
             * Format: int64
             * @description How many go.
             */
            versions: number;
        };
        /** @description Sources. */
        Sources: {
            /** @description By name. */
            sources: components["schemas"]["Source"][];
        };
        /** @description Where a source stands. */
        Standing: {
            /** @description What is unchanged has to be asked for: some of it is on fewer disks than it could be. */
            doubtful: boolean;
            /**
             * Format: int64
             * @description Pieces that came and are in no version yet.
             */
            received: number;
            /** @description That one's top folder: CBOR as hex digits. */
            root?: string | null;
            /** @description Its newest version. */
            version?: string | null;
        };
        /** @description A job that was asked for. */
        StartedJob: {
            /** @description One that does the same was there already; no second one was made. */
            already_there: boolean;
            /** @description The job. */
            job: components["schemas"]["Job"];
        };
        /** @description What the box is doing. */
        Status: {
            /** @description Whether the clock is believed. */
            clock: components["schemas"]["Clock"];
            /** @description Whether the keys are there. */
            lock: components["schemas"]["Lock"];
            /**
             * Format: int64
             * @description The box's time, milliseconds since 1970.
             */
            now_ms: number;
            /**
             * Format: int32
             * @description Jobs that were paused.
             */
            paused: number;
            /**
             * Format: int32
             * @description Jobs that wait for their turn.
             */
            queued: number;
            /**
             * Format: int32
             * @description Jobs at work.
             */
            running: number;
            /**
             * Format: int64
             * @description Milliseconds since the program started.
             */
            uptime_ms: number;
            /** @description The vault's id; empty while there is none. */
            vault: string;
            verdict?: components["schemas"]["Severity"] | null;
            /** @description The version of the program. */
            version: string;
        };
        /** @description A stick on which a key can be made. */
        Stick: {
            /** @description Names it for as long as it is plugged in. */
            id: string;
            /** @description What it says it is. */
            model: string;
            /** @description Where it is plugged in. */
            place: string;
            /**
             * Format: int64
             * @description Bytes that it holds.
             */
            size: number;
        };
        /** @description Sticks that are plugged in. */
        SticksHere: {
            /** @description In order of place. */
            sticks: components["schemas"]["Stick"][];
        };
        /** @description Everything a helper needs to see. It never holds words, passwords, keys or names of files. */
        SupportBundle: {
            /** @description The disks that it cares for. */
            disks?: components["schemas"]["BundledDisk"][];
            /** @description What is wrong. */
            health: components["schemas"]["Health"];
            /** @description The jobs, with the names of files left out. */
            jobs: components["schemas"]["Job"][];
            /** @description The settings, one `key = value` each. */
            settings: string[];
            /** @description What the box is doing. */
            status: components["schemas"]["Status"];
        };
        /** @description What the box lives with. It stands in its settings or comes from outside; quiet hours may be set, too. */
        Surroundings: {
            /** @description It opens the vault by itself after a start. */
            opens_itself: boolean;
            power?: components["schemas"]["Power"] | null;
            /** @description The hours in which nothing noisy is done that can wait, as `22:00-07:00`; none when there are none. */
            quiet?: string | null;
            /** @description It is one of them. */
            quiet_now: boolean;
        };
        /** @description What to write to drives. */
        Usb: {
            /**
             * Format: int64
             * @description As it was so long ago, in milliseconds.
             */
            ago_ms?: number | null;
            /** @description Begin another one. */
            anew?: boolean;
            /** @description The drives, in the order in which they are filled. */
            drives: string[];
            /**
             * @description The names of all whose files are taken: you have seen that they are. Needed when no sources are
             *     named and somebody else has some.
             */
            files_of?: string[];
            /** @description Only what stands at this path of each. */
            path?: components["schemas"]["RawPath"];
            /** @description These of your own sources. When none is named, everybody's are taken. */
            sources?: string[];
        };
        /** @description What a restore to drives did. */
        UsbResult: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files that the drives did not keep.
             */
            damaged: number;
            /**
             * Format: int64
             * @description Files that were there already.
             */
            earlier: number;
            /**
             * Format: int64
             * @description Files that this job wrote since it last began.
             */
            files: number;
            /** @description All that was asked for and that the vault can give stands on the drives, and was read back. */
            finished: boolean;
            /** @description The restore's folder, the same on each drive. */
            folder: string;
            /**
             * Format: int64
             * @description What is not there for another reason than room.
             */
            left_out: number;
            /** @description The first of these and of the damaged ones, with the reason; all are listed on the drive. */
            names: components["schemas"]["LeftOut"][];
            /** @description What found no room, by kind, the hardest to get again first. */
            no_room: components["schemas"]["NoRoom"][];
            /**
             * Format: int64
             * @description Files that were read back from the drives and are as they should be.
             */
            read_back: number;
            /**
             * Format: int64
             * @description Their bytes.
             */
            read_back_bytes: number;
            /**
             * Format: int64
             * @description Files under another name than before; listed on the drive.
             */
            renamed: number;
            /**
             * Format: int64
             * @description So much more room would all of it have needed.
             */
            short: number;
            /**
             * Format: int64
             * @description Their bytes.
             */
            wanted_bytes: number;
            /**
             * Format: int64
             * @description Files that were asked for.
             */
            wanted_files: number;
        };
        /** @description A drive to read again. */
        UsbVerify: {
            /** @description Which. */
            drive: string;
        };
        /** @description What reading a drive again found. */
        UsbVerifyResult: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files that are not.
             */
            damaged: number;
            /**
             * Format: int64
             * @description Files that are as they should be.
             */
            files: number;
            /** @description The first of these. */
            names: components["schemas"]["LeftOut"][];
        };
        /** @description The versions of a source, the oldest first. */
        Versions: {
            /** @description There are more behind these. */
            more: boolean;
            /** @description Each. */
            versions: components["schemas"]["OneVersion"][];
        };
        /** @description One volume. */
        Volume: {
            /** @description Why it failed. */
            detail?: string | null;
            /**
             * Format: int64
             * @description Room left, the reserve taken off.
             */
            free: number;
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description Packs on it; none where that is not known.
             */
            packs?: number | null;
            /** @description Where it is attached; empty when it is not. */
            path: string;
            /**
             * Format: int64
             * @description All it can hold, in bytes; 0 where that is not known.
             */
            size: number;
            /** @description `member`, `retiring`, `read-only`, `failed`, `absent`, or `sealed` while the box is locked. */
            state: string;
        };
        /** @description How a message travels. */
        Way: {
            /** @description A mail, through the server of whoever keeps the mailbox. */
            mail: {
                /** @description The sender's address. */
                from: string;
                password?: components["schemas"]["SecretText"] | null;
                /**
                 * Format: int32
                 * @description Its port; the usual one of `security` when none is named.
                 */
                port?: number | null;
                /** @description What protects the way to it. */
                security?: components["schemas"]["Security"];
                /** @description Its host name. */
                server: string;
                /** @description The reader's address. */
                to: string;
                /** @description Who signs in there. */
                user?: string | null;
            };
        } | {
            /** @description A message over ntfy. */
            ntfy: {
                token?: components["schemas"]["SecretText"] | null;
                /** @description The server and the topic, such as `https://ntfy.example/our-box`. */
                url: string;
            };
        } | {
            /** @description A JSON document, posted. */
            webhook: {
                key?: components["schemas"]["SecretText"] | null;
                /** @description Where. */
                url: string;
            };
        };
        /** @description Somebody is in. */
        Welcome: {
            /** @description Goes into the header `x-holdfast-csrf` of whatever changes something. */
            csrf: string;
            /** @description Their name. */
            name: string;
            /** @description Their id. */
            person: string;
            /** @description `owner`, `member` or `helper`. */
            role: string;
        };
        /** @description An answer. */
        YesOrNo: {
            /** @description Yes or no. */
            yes: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_audit: {
        parameters: {
            query?: {
                /** @description only entries with a smaller number */
                before?: number;
                /** @description so many at most; 100 when not given */
                items?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditLog"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_box: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["About"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_ca_pem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-pem-file": string;
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Claim"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Welcome"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_clock_trust: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_computers_source: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Standing"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_computers_source_fetch: {
        parameters: {
            query: {
                /** @description its id */
                version: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_computers_source_lacking: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_computers_source_pieces: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Received"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_computers_source_versions: {
        parameters: {
            query?: {
                /** @description how many to leave out, from the oldest on */
                skip?: number;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Versions"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_computers_source_versions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Committed"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_desk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeskAct"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Desk"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Devices"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MakeDevice"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeDevice"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_devices_pairing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MakePairing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PairingCode"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_devices_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_disks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_adopt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Adopt"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_erase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Erase"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Find"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_keep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_retire: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_skip_wait: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_trust: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_disks_disk_use_as_drive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disks"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_enclosure: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnclosureShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_files_source_bring_back: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BringBack"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeMade"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_content: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description a version by its id; the newest when not given */
                version?: string;
                /** @description `true`: as what a browser shows by itself, where that is harmless */
                shown?: boolean;
            };
            header?: {
                /** @description one range of bytes */
                range?: string;
                /** @description tags that are known */
                "if-none-match"?: string;
            };
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The part that was asked for. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description It is still as you know it. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_files_source_content: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
            };
            header?: {
                /** @description its tag, as it was seen */
                "if-match"?: string;
                /** @description only where there is none */
                "if-none-match"?: "*";
            };
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Put"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_files_source_content: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description `true`: a folder with all it holds */
                recursive?: boolean;
            };
            header?: {
                /** @description its tag, as it was seen */
                "if-match"?: string;
            };
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeMade"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_entries: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description a version by its id; the newest when not given */
                version?: string;
                /** @description the first name of the page, as hex */
                from?: string;
                /** @description so many at most, up to 1000 */
                items?: number;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entries"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_files_source_folder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Folder"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeMade"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_history: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description a version by its id; the newest when not given */
                version?: string;
                /** @description so many at most, up to 1000 */
                items?: number;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_photos: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description so many newer ones come before */
                skip?: number;
                /** @description so many at most, up to 500 */
                items?: number;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Photos"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_photos_months: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Months"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_files_source_rename: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rename"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeMade"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_search: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description part of the name */
                name?: string;
                /** @description modified then or later, seconds since 1970 */
                from_secs?: number;
                /** @description modified before, seconds since 1970 */
                until_secs?: number;
                /** @description `true`: also what was deleted */
                deleted?: boolean;
                /** @description so many at most, up to 500 */
                items?: number;
                /** @description where the page before ended */
                cursor?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Found"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_thumbnail: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description a version by its id; the newest when not given */
                version?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description There is none: it is of a kind that is not drawn, too large, or broken. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_files_source_zip: {
        parameters: {
            query?: {
                /** @description `everyone`, or nothing for one's own */
                space?: string;
                /** @description the path; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description a version by its id; the newest when not given */
                version?: string;
            };
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_friends: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friends"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_invites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteFriend"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invited"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_invites_invite_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invite: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["YesOrNo"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friends"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_offers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Look"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_offers_offer_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                offer: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["YesOrNo"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_friends_reach: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetReach"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friends"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch_friends_friend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Named"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_audit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_block: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirmed"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_end: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirmed"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_forget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friends"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_friends_friend_help_back: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendSheet"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_friends_friend_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FriendLimits"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_friends_friend_messages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendMessages"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_messages: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Say"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_messages_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pause"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_reconciled: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reconciled"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_seen: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_friends_friend_sheet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendSheet"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirmed"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_terms: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Propose"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_terms_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerTerms"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_terms_answer_shorter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgreeShorter"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_terms_shorter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProposeShorter"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_friends_friend_unblock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                friend: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendShown"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_jobs: {
        parameters: {
            query?: {
                /** @description so many are passed over */
                skip?: number;
                /** @description so many at most, up to 1000 */
                items?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Jobs"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_backup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Backup"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_bring_back: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Check"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_forget: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Forget"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_import: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Import"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_prune: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Prune"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_rebuild: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_restore: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Restore"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_scrub: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_usb: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Usb"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_usb_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UsbVerify"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedJob"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_jobs_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_job_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_job_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_jobs_job_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_join: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Claim"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Welcome"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_keeping: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Keeping"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_keeping: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Keep"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_keeping_foreseen: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeepWish"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeepingForeseen"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_keeping_less: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Keep"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kept"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeKey"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_key_sticks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SticksHere"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_kit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Secret"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeVault"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_kit_words: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SaidBack"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_lock: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LockState"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Asker"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_network: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Network"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_openapi_json: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_outlets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outlets"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_outlets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetOutlets"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outlets"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_outlets_outlet_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                outlet: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_pair: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Pair"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Paired"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_people: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["People"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_people: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invite"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_people_person: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_people_person_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_people_person_quota: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                person: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Quota"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_quiet_hours: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetQuiet"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Surroundings"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_restart: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Welcome"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_session_elevation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Elevation"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Elevated"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_sessions_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_sheet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrintedSheet"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_shutdown: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_snapshots: {
        parameters: {
            query?: {
                /** @description only of this source */
                source?: string;
                /** @description only of this space: `everyone`, or one's own */
                space?: string;
                /** @description so many are passed over */
                skip?: number;
                /** @description so many at most, up to 1000 */
                items?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snapshots"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_snapshots_snapshot_entries: {
        parameters: {
            query?: {
                /** @description the folder; the top when not given */
                path?: string;
                /** @description the same as hex, for names that are no text */
                path_hex?: string;
                /** @description `true`: everything below, too */
                deep?: boolean;
                /** @description so many are passed over */
                skip?: number;
                /** @description so many at most, up to 1000 */
                items?: number;
            };
            header?: never;
            path: {
                snapshot: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotEntries"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_sources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sources"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_support_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupportBundle"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_surroundings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Surroundings"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Code"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewTotp"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_unlock: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Secret"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LockState"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_uploads: {
        parameters: {
            query?: never;
            header: {
                /** @description the tus that is spoken */
                "tus-resumable": "1.0.0";
                /** @description how long it will be */
                "upload-length"?: number;
                /** @description an algorithm and the sum in base64 */
                "upload-checksum"?: string;
                /** @description the length is said later */
                "upload-defer-length"?: "1";
                /** @description `source`, `path` and other words, as tus has them */
                "upload-metadata"?: string;
                /** @description `partial`, or `final;` and the addresses of the pieces */
                "upload-concat"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/offset+octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    options_uploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_uploads_upload: {
        parameters: {
            query?: {
                /** @description as the upload's address has it */
                space?: string;
            };
            header: {
                /** @description the tus that is spoken */
                "tus-resumable": "1.0.0";
            };
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    head_uploads_upload: {
        parameters: {
            query?: {
                /** @description as the upload's address has it */
                space?: string;
            };
            header: {
                /** @description the tus that is spoken */
                "tus-resumable": "1.0.0";
            };
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch_uploads_upload: {
        parameters: {
            query?: {
                /** @description as the upload's address has it */
                space?: string;
            };
            header: {
                /** @description the tus that is spoken */
                "tus-resumable": "1.0.0";
                /** @description how long it will be */
                "upload-length"?: number;
                /** @description an algorithm and the sum in base64 */
                "upload-checksum"?: string;
                /** @description where the bytes belong */
                "upload-offset": number;
            };
            path: {
                upload: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/offset+octet-stream": unknown;
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_vault: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MakeVault"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeVault"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_vault_reborn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RebornVault"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reborn"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    post_vault_words: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SaidBack"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description Why not, and what to do. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
